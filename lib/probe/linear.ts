/** A linear probe on augmented images as a kind of model: features, BatchNorm, a linear layer. */
import { cast, input, reshape } from "../graph/mod.ts";
import { type Parameter, Parameters } from "../nn/mod.ts";
import { featureParameters, features, featureWidth } from "../features/mod.ts";
import {
  type BatchConfig,
  batchImages,
  emitEvaluation,
  emitGradient,
  type ModelSpec,
} from "../train/mod.ts";
import {
  crossEntropy,
  headBuffers,
  headParameters,
  logits,
  normaliseBatch,
  normaliseRunning,
} from "./head.ts";
import type { LinearConfig } from "./options.ts";

/** True for what a probe trains of the encoder: the last blocks, and the norm after them. */
function isTrained({ name }: Parameter, { model, blocks }: LinearConfig): boolean {
  if (blocks === 0) return false;
  if (/^(fc_)?norm\./.test(name)) return true;
  const block = /^blocks\.(\d+)\./.exec(name)?.[1];
  return block !== undefined && Number(block) >= model.depth - blocks;
}

function encoderParts(config: LinearConfig): { trained: Parameter[]; frozen: Parameter[] } {
  const all = featureParameters(config.model, config);
  return {
    trained: all.filter((parameter) => isTrained(parameter, config)),
    frozen: all.filter((parameter) => !isTrained(parameter, config)),
  };
}

function forward(config: LinearConfig, sizes: BatchConfig) {
  const { model, features: kind, classes } = config;
  const width = featureWidth(model, kind);
  const parameters = new Parameters([
    ...featureParameters(model, config),
    ...headParameters(width, classes),
  ]);
  const buffers = new Parameters(headBuffers(width));
  const found = features(parameters, model, batchImages(sizes, model.imageSize), kind);
  return { parameters, buffers, found };
}

/**
 * The model: the encoder is frozen, but for its last blocks and its norm if `blocks` is not 0. Its gradient graph tells `loss`, its
 * evaluation graph `logits` `[B, C]`.
 */
export const LINEAR_PROBE: ModelSpec<LinearConfig> = {
  parameters: (config) => [
    ...encoderParts(config).trained,
    ...headParameters(featureWidth(config.model, config.features), config.classes),
  ],
  frozen: (config) => encoderParts(config).frozen,
  buffers: ({ model, features }) => headBuffers(featureWidth(model, features)),
  gradient(config, sizes, options) {
    const { parameters, buffers, found } = forward(config, sizes);
    const { y, next } = normaliseBatch(buffers, found);
    const labels = reshape(cast(input("labels", "int32", [sizes.batch]), "float32"), [
      sizes.batch,
      1,
    ]);
    const frozen = new Set(encoderParts(config).frozen.map(({ name }) => name));
    return emitGradient({
      scalars: { loss: crossEntropy(logits(parameters, y), labels) },
      parameters,
      isFrozen: ({ name }) => frozen.has(name),
      buffers,
      nextBuffers: next,
      tie: labels,
    }, options);
  },
  evaluation(config, sizes, options) {
    const { parameters, buffers, found } = forward(config, sizes);
    const y = logits(parameters, normaliseRunning(buffers, found));
    return emitEvaluation({ logits: y }, { parameters, buffers, ...options });
  },
  fields: () => ({ tokens: 0, labels: true }),
  leastBatch: () => 2,
};
