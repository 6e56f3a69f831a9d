/** The pretraining model as one looks at it: masks, pixels for every patch, attention. Nothing of it is differentiated. */
import { denormalise, normalise } from "../augment/mod.ts";
import {
  maskingKey,
  maskingOrder,
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingModel,
  pretrainingParameters,
  reconstructedPatches,
} from "../ccmim/mod.ts";
import { cast, fuse, input, permuteRows, recompute, reshape, type Value } from "../graph/mod.ts";
import { Parameters, type ParameterView } from "../nn/mod.ts";
import { emit } from "../onnx/mod.ts";
import { clsAttentionSum, decodeAll, embed, patchCount, patchify } from "../vit/mod.ts";

/** A graph to run, and the parts of parameters that it reads. */
export interface VisualGraph {
  readonly model: Uint8Array<ArrayBuffer>;
  /** Inputs of the same names. */
  readonly parameters: readonly ParameterView[];
}

/**
 * Inputs: `images` uint8 `[B, S, S, 3]`, `noise` `[B, L]` uniform in [0, 1), parameters. Outputs:
 *
 * - `order` int64 `[B, L]`: the patches' places, the K visible ones first;
 * - `pixels` `[B, L, p * p * 3]`: what the decoder makes of every patch, in the order of `order`, 0-255, neither clipped nor
 *   rounded; normalised targets are undone by the true patch's mean and deviation;
 * - `attention` `[B, L]`: of CLS to the patches, mean over heads and blocks. All patches are seen.
 */
export function visualGraph(config: PretrainingConfig, batch: number): VisualGraph {
  const { model, normPixLoss } = config;
  const unaligned = { ...config, align: { ...config.align, weight: 0 } };
  const parameters = new Parameters(pretrainingParameters(unaligned));
  const buffers = new Parameters(pretrainingBuffers(unaligned));
  const stored = input("images", "uint8", [batch, model.imageSize, model.imageSize, 3]);
  const noise = input("noise", "float32", [batch, patchCount(model)]);
  const images = normalise(cast(stored, "float32"));
  const { details } = pretrainingModel(parameters, buffers, unaligned, { images, noise });
  const { order, latent } = details;
  const patches = patchify(images, model.patch); // [B, L, P]
  const attention = details.scores ??
    clsAttentionSum(parameters, model, embed(parameters, model, patches)); // [B, L]
  const predicted = decodeAll(parameters, model, latent, order); // [B, L, P]
  const pixels = toPixels(
    reconstructedPatches(predicted, permuteRows(patches, order), normPixLoss),
  );
  const outputs = { order, pixels, attention };
  const fused = fuse(Object.values(outputs));
  const plain = recompute(fused, { cotangents: new Map(), forward: [], zero: noise }); // without the marks of blocks
  const named = Object.fromEntries(Object.keys(outputs).map((name, i) => [name, plain[i]!]));
  return { model: emit(named, { name: "visual" }), parameters: parameters.views };
}

/**
 * The masks of many draws for the same attention. Inputs: `scores` `[N, L]`, `noise` `[N, L]`; of them what the sampling reads.
 * Output `order` int64 `[N, L]`.
 */
export function drawsGraph(
  { model, masking }: PretrainingConfig,
  draws: number,
): Uint8Array<ArrayBuffer> {
  const shape = [draws, patchCount(model)];
  const noise = input("noise", "float32", shape);
  const scores = input("scores", "float32", shape);
  const key = maskingKey(masking.sampling, noise, scores, masking.scoreTemperature);
  return emit({ order: maskingOrder(key) }, { name: "draws" });
}

/** Normalised patches `[B, L, p * p * 3]` -> 0-255. */
function toPixels(patches: Value): Value {
  const [B, L, P] = patches.shape as [number, number, number];
  return reshape(denormalise(reshape(patches, [B, L, P / 3, 3])), [B, L, P]);
}
