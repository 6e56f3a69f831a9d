/** Options -> configuration: fills in every default and refuses what cannot be. */
import { SIZES } from "../vit/mod.ts";
import { resolveStep } from "./batch.ts";
import { checkModel, checkNumbers } from "./check.ts";
import { resolveComputing } from "./computing.ts";
import {
  ConfigError,
  type ModelConfig,
  type PretrainConfig,
  type PretrainOptions,
} from "./config.ts";
import { METHOD_DEFAULTS } from "./methods.ts";
import type { Recipe } from "./recipe.ts";
import { chooseRecipe, fitImage, fitPatch, RECIPES } from "./recipes.ts";
import { resolveSchedule } from "./schedule.ts";

/** What a run's defaults and limits depend on in its dataset. */
export interface DatasetFacts {
  /** Pixels a side of the stored images. */
  readonly imageSize: number;
  /** Images in the training split. */
  readonly trainCount: number;
}

/**
 * The configuration of a run. An option wins over the method, the method over the recipe.
 *
 * @throws {ConfigError} if an option is out of its range, options contradict each other, or the run does
 * not fit the dataset.
 *
 * @example
 * ```ts
 * import { resolvePretrain } from "./mod.ts";
 *
 * const dataset = { imageSize: 32, trainCount: 50_000 };
 * const config = resolvePretrain({ recipe: "cifar", epochs: 30 }, dataset);
 * config.schedule.steps; // 11,700 = 30 x floor(50,000 / 128)
 * config.schedule.warmupSteps; // 780, two epochs: the recipe's 20 of 300 in proportion
 * ```
 */
export function resolvePretrain(options: PretrainOptions, dataset: DatasetFacts): PretrainConfig {
  checkNumbers(options);
  const recipeName = options.recipe ?? chooseRecipe(dataset.imageSize);
  const recipe: Recipe = RECIPES[recipeName];
  const method = options.method ?? "ccmim";
  const defaults = METHOD_DEFAULTS[method];

  const model = resolveModel(options, recipe, dataset);
  const maskRatio = options.maskRatio ?? recipe.maskRatio;
  checkModel(model, { maskRatio, dataset });

  const { trainCount } = dataset;
  const perStep = resolveStep(options, { recipe, trainCount });
  const alignWeight = options.alignWeight ?? defaults.alignWeight;
  if (alignWeight > 0 && perStep.batch < 2) {
    throw new ConfigError(
      "Cannot align in batches of one image: take --batch 2 or more, or --align-weight 0",
    );
  }
  const { schedule, checkpointEvery } = resolveSchedule(options, {
    recipe,
    perStep,
    trainCount,
  });

  return {
    recipe: recipeName,
    method,
    model,
    masking: {
      ratio: maskRatio,
      sampling: options.sampling ?? defaults.sampling,
      scoreTemperature: options.scoreTemperature ?? 1,
    },
    align: {
      weight: alignWeight,
      temperature: options.alignTemperature ?? 0.5,
      gradient: options.alignGradient ?? "target",
    },
    normPixLoss: options.normPixLoss ?? recipe.normPixLoss,
    crop: { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] },
    schedule,
    optimiser: {
      kind: "adamw",
      betas: [0.9, 0.95],
      eps: 1e-8,
      weightDecay: options.weightDecay ?? recipe.weightDecay,
      clipGrad: options.clipGrad ?? recipe.clipGrad,
    },
    ...perStep,
    seed: options.seed ?? 0,
    ...resolveComputing(options),
    recompute: options.recompute ?? "none",
    checkpointEvery,
  };
}

/**
 * Sizes of the model: what is said, else the named size, else the recipe's. A recipe that was named means
 * its own image size and patch; one that was chosen is fitted to the stored images.
 */
function resolveModel(
  options: PretrainOptions,
  recipe: Recipe,
  dataset: DatasetFacts,
): ModelConfig {
  const size = options.model ?? recipe.encoder;
  const encoder = typeof size === "string" ? SIZES[size] : { patch: SIZES.base.patch, ...size };
  let patch: number, imageSize: number;
  if (options.recipe !== undefined) {
    patch = options.patch ?? recipe.patch ?? encoder.patch;
    imageSize = options.imageSize ?? recipe.imageSize;
  } else {
    const most = options.imageSize ?? fitImage(dataset.imageSize, recipe);
    patch = options.patch ?? fitPatch(most, encoder.patch);
    imageSize = options.imageSize ?? most - most % patch;
  }
  return {
    imageSize,
    patch,
    width: options.width ?? encoder.width,
    depth: options.depth ?? encoder.depth,
    heads: options.heads ?? encoder.heads,
    mlpRatio: 4,
    decoderWidth: options.decoderWidth ?? recipe.decoder.width,
    decoderDepth: options.decoderDepth ?? recipe.decoder.depth,
    decoderHeads: options.decoderHeads ?? recipe.decoder.heads,
    projectorWidth: 256,
  };
}
