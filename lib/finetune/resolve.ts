/** Options -> configuration of a fine-tuning run. */
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from "../augment/mod.ts";
import { type AugmentOptions, parseRandAugment, type RandAugmentOptions } from "../data/mod.ts";
import type { EncoderWeights } from "../features/mod.ts";
import { ConfigError, resolveComputing, resolveSchedule, resolveStep } from "../recipes/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import type { FinetuneOptions } from "./options.ts";
import { chooseFinetuneRecipe, FINETUNE_RECIPES, type FinetuneRecipe } from "./recipes.ts";
import { checkNumbers } from "./ranges.ts";

/** What stands for a checkpoint where nothing was taught before. */
export const SCRATCH = "none";

/** What a run's defaults and limits depend on. */
export interface FinetuneFacts {
  /** What it starts from. */
  readonly encoder: Pick<EncoderWeights, "config" | "origin">;
  /** Pixels a side of the stored images. */
  readonly storedSize: number;
  /** Labelled images to learn from, those that are held out left out. */
  readonly trainCount: number;
  readonly classes: readonly string[];
  readonly hasVal: boolean;
  readonly hasTest: boolean;
}

/** Least learning rate of the cosine. */
const MIN_LR = 1e-6;
/** Share of the training images that are held out where there is no `val` split. */
const HOLD_OUT = 0.1;

/** The share that is held out of the training images; null where `val` says what is best. @throws {ConfigError} if both should. */
export function heldOutShare(
  { holdOut }: Pick<FinetuneOptions, "holdOut">,
  { hasVal }: Pick<FinetuneFacts, "hasVal">,
): number | null {
  if (!hasVal) return holdOut ?? HOLD_OUT;
  if (holdOut === undefined) return null;
  throw new ConfigError(
    `Cannot hold ${holdOut} of the training images out (--hold-out): the dataset has a val split, ` +
      "which says what is best",
  );
}

/**
 * The configuration of a run.
 *
 * @throws {ConfigError} if an option is out of its range, options contradict each other, or the run does not fit the dataset.
 */
export function resolveFinetune(options: FinetuneOptions, facts: FinetuneFacts): FinetuneConfig {
  checkNumbers(options);
  const { encoder: { config: encoder, origin }, trainCount, classes } = facts;
  const imageSize = options.imageSize ?? encoder.imageSize;
  const name = options.recipe ?? chooseFinetuneRecipe(imageSize);
  const recipe: FinetuneRecipe = FINETUNE_RECIPES[name];
  const { patch } = encoder;
  if (imageSize % patch !== 0) {
    throw new ConfigError(
      `Cannot cut ${imageSize} pixels a side (--image-size) into the checkpoint's patches of ${patch}`,
    );
  }
  const perStep = resolveStep(options, { recipe, trainCount });
  const { schedule, checkpointEvery } = resolveSchedule(options, { recipe, perStep, trainCount });
  const mixup = options.mixup ?? recipe.mixup;
  const cutmix = options.cutmix ?? recipe.cutmix;
  const share = heldOutShare(options, facts);
  const isScratch = origin.file === null;
  return {
    recipe: name,
    model: { ...encoder, imageSize },
    pool: options.pool ?? "mean",
    classes,
    crop: { scale: [options.cropScale ?? recipe.cropScale, 1], ratio: [3 / 4, 4 / 3] },
    augment: resolveAugment(options, recipe, imageSize),
    mix: mixup > 0 || cutmix > 0 ? { mixup, cutmix, imageSize } : null,
    labelSmoothing: options.labelSmoothing ?? recipe.labelSmoothing,
    dropPath: options.dropPath ?? recipe.dropPath,
    // Lower layers hold nothing yet that slower learning would keep
    layerDecay: options.layerDecay ?? (isScratch ? 1 : recipe.layerDecay),
    ema: options.ema ?? null,
    validation: share === null ? { split: "val" } : { split: "train", share },
    test: facts.hasTest ? "test" : null,
    trainCount,
    initial: {
      checkpoint: isScratch ? SCRATCH : origin.checkpoint,
      sha256: origin.sha256,
    },
    given: options,
    schedule: { ...schedule, minLr: Math.min(MIN_LR, schedule.lr) },
    optimiser: {
      kind: "adamw",
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: options.weightDecay ?? recipe.weightDecay,
      clipGrad: options.clipGrad ?? null,
    },
    ...perStep,
    seed: options.seed ?? 0,
    ...resolveComputing(options),
    recompute: options.recompute ?? "none",
    checkpointEvery,
  };
}

/** What data workers do; null if nothing of it is wanted. */
function resolveAugment(
  options: FinetuneOptions,
  recipe: FinetuneRecipe,
  imageSize: number,
): AugmentOptions | null {
  const randAugment = readRandAugment(options.randAugment ?? recipe.randAugment);
  const erasing = options.erasing ?? recipe.erasing;
  if (randAugment === null && erasing === 0) return null;
  const noise = { mean: IMAGENET_MEAN, deviation: IMAGENET_DEVIATION };
  return { imageSize, randAugment, erasing, noise };
}

function readRandAugment(text: string | null): RandAugmentOptions | null {
  if (text === null || text === "none") return null;
  try {
    return parseRandAugment(text);
  } catch (error) {
    throw new ConfigError(`${(error as Error).message} (--rand-augment)`);
  }
}
