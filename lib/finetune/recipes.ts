/** Recipes of fine-tuning, as data. */

/** The defaults of a run that belong together. */
export interface FinetuneRecipe {
  /** One line for `--help`. */
  readonly summary: string;
  readonly epochs: number;
  /** Epochs of linear warm-up; a shorter run has a shorter one in proportion. */
  readonly warmupEpochs: number;
  /** Images of one micro-batch, and micro-batches of one optimiser step. */
  readonly batch: number;
  readonly accumulate: number;
  /** Learning rate for 256 images a step. */
  readonly baseLr: number;
  readonly weightDecay: number;
  readonly layerDecay: number;
  readonly dropPath: number;
  readonly mixup: number;
  readonly cutmix: number;
  readonly labelSmoothing: number;
  /** Null: none. */
  readonly randAugment: string | null;
  readonly erasing: number;
  readonly cropScale: number;
}

/**
 * `vit-b` is MAE's recipe for ViT-B on ImageNet (He et al. 2022, appendix A.2), its 1,024 images a step in eight micro-batches.
 * `small` is for pictures of some 32 pixels, which leave little to crop and to erase: a choice of ours.
 */
export const FINETUNE_RECIPES = {
  small: {
    summary: "some 32 px: 30 epochs of 128 images a step, mild augmentation, no mixing",
    epochs: 30,
    warmupEpochs: 3,
    batch: 128,
    accumulate: 1,
    baseLr: 1e-3,
    weightDecay: 0.05,
    layerDecay: 0.75,
    dropPath: 0,
    mixup: 0,
    cutmix: 0,
    labelSmoothing: 0.1,
    randAugment: "rand-m5-mstd0.5-inc1",
    erasing: 0,
    cropScale: 0.5,
  },
  "vit-b": {
    summary: "MAE's for ViT-B: 100 epochs of 1,024 images a step, RandAugment, mixup, CutMix",
    epochs: 100,
    warmupEpochs: 5,
    batch: 128,
    accumulate: 8,
    baseLr: 5e-4,
    weightDecay: 0.05,
    layerDecay: 0.65,
    dropPath: 0.1,
    mixup: 0.8,
    cutmix: 1,
    labelSmoothing: 0.1,
    randAugment: "rand-m9-mstd0.5-inc1",
    erasing: 0.25,
    cropScale: 0.08,
  },
} as const satisfies Record<string, FinetuneRecipe>;

/** Name of a recipe. */
export type FinetuneRecipeName = keyof typeof FINETUNE_RECIPES;

/** Names of the recipes. */
export const FINETUNE_RECIPE_NAMES = Object.keys(FINETUNE_RECIPES) as FinetuneRecipeName[];

/** Pixels a side up to which a model gets the recipe for small pictures. */
const SMALL = 64;

/** The recipe for a model that sees `imageSize` pixels a side. */
export function chooseFinetuneRecipe(imageSize: number): FinetuneRecipeName {
  return imageSize <= SMALL ? "small" : "vit-b";
}
