/** The classifier as a kind of model. */
import { cast, input, reshape, type Value } from "../graph/mod.ts";
import { Parameters } from "../nn/mod.ts";
import {
  type BatchConfig,
  batchImages,
  emitEvaluation,
  emitGradient,
  type EmittedGraph,
  type ModelSpec,
} from "../train/mod.ts";
import { MIX_NUMBERS } from "../data/mod.ts";
import type { Lowering } from "../lower/mod.ts";
import { type ClassifierConfig, classifierParameters, classify } from "./classifier.ts";
import type { FinetuneConfig } from "./config.ts";
import { pathDraws } from "./drop_path.ts";
import { groupByLayer } from "./groups.ts";
import { mixImages, mixTargets } from "./mixing.ts";
import { smoothedTargets, softCrossEntropy } from "./soft_targets.ts";

/** Images that data workers have cropped are taken as they are. */
function sizesOf({ augment }: FinetuneConfig, sizes: BatchConfig): BatchConfig {
  return augment === null ? sizes : { ...sizes, crop: false };
}

/**
 * The graph of a classifier's `logits` `[B, C]`.
 *
 * @param sizes of the stored images, whatever training makes of them.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { logitsGraph } from "./mod.ts";
 *
 * const model = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const config = { model, pool: "mean", classes: ["cat", "dog"] } as const;
 * const emitted = logitsGraph(config, { batch: 4, storedSize: 16, crop: false });
 * using environment = runtime.Environment.open();
 * using session = environment.session(emitted.model);
 * console.assert(String(session.outputs[0]!.shape) === "4,2");
 * ```
 */
export function logitsGraph(
  config: ClassifierConfig,
  sizes: BatchConfig,
  options: { readonly lower?: Lowering | null } = {},
): EmittedGraph {
  const parameters = new Parameters(classifierParameters(config));
  const logits = classify(parameters, config, batchImages(sizes, config.model.imageSize));
  return emitEvaluation({ logits }, { parameters, buffers: new Parameters([]), ...options });
}

/**
 * The model: its gradient graph tells `loss`, the cross-entropy against smoothed and mixed targets; its evaluation graph gives
 * `logits` `[B, C]`.
 */
export const CLASSIFIER: ModelSpec<FinetuneConfig> = {
  parameters: classifierParameters,
  buffers: () => [],
  groupOf: ({ model: { depth }, layerDecay, optimiser: { weightDecay } }) =>
    groupByLayer({ depth, layerDecay, weightDecay }),
  averageDecay: ({ ema }) => ema,
  gradient(config, sizes, options) {
    const { model, classes, dropPath, mix, labelSmoothing } = config;
    const { batch: B } = sizes;
    const parameters = new Parameters(classifierParameters(config));
    const labels = reshape(cast(input("labels", "int32", [B]), "float32"), [B, 1]);
    const mixed = mix === null ? null : input("mix", "float32", [MIX_NUMBERS]);
    const by = (x: Value, how: (x: Value, mix: Value) => Value) =>
      mixed === null ? x : how(x, mixed);
    const images = by(batchImages(sizesOf(config, sizes), model.imageSize), mixImages);
    const draws = pathDraws(dropPath, model.depth);
    const dropping = draws === 0
      ? null
      : { rate: dropPath, draws: input("draws", "float32", [B, draws]) };
    const targets = by(smoothedTargets(labels, classes.length, labelSmoothing), mixTargets);
    const loss = softCrossEntropy(classify(parameters, config, images, dropping), targets);
    return emitGradient({
      scalars: { loss },
      parameters,
      buffers: new Parameters([]),
      nextBuffers: {},
      tie: labels,
    }, options);
  },
  evaluation: logitsGraph,
  fields: ({ model, dropPath, mix }) => ({
    tokens: 0,
    labels: true,
    draws: pathDraws(dropPath, model.depth),
    mixes: mix !== null,
  }),
  leastBatch: () => 1,
};
