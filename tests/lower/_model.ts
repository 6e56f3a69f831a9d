/** The gradient graph of a small pretraining model as values, before it is lowered. */
import { gradient, input, type Value } from "../../lib/graph/mod.ts";
import { Parameters } from "../../lib/nn/mod.ts";
import { crop, normalise } from "../../lib/augment/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingModel,
  pretrainingParameters,
} from "../../lib/ccmim/mod.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { fuseAndRecompute } from "../../lib/train/graphs/recomputed.ts";

/** A fused graph in float32 and its weights. */
export interface ModelGraph {
  readonly outputs: readonly Value[];
  readonly weights: ReadonlySet<Value>;
}

/** Loss, buffers and gradients of a model on 4 cropped images. */
export function modelGraph(config: PretrainingConfig): ModelGraph {
  const [B, S] = [4, config.model.imageSize + 2];
  const parameters = new Parameters(pretrainingParameters(config));
  const buffers = new Parameters(pretrainingBuffers(config));
  const stored = input("images", "uint8", [B, S, S, 3]);
  const boxes = input("boxes", "float32", [B, 4]);
  const pixels = crop(stored, boxes, input("flips", "float32", [B]), config.model.imageSize);
  const noise = input("noise", "float32", [B, patchCount(config.model)]);
  const output = pretrainingModel(parameters, buffers, config, {
    images: normalise(pixels),
    noise,
  });
  const weights = parameters.views.map(({ value }) => value);
  const gradients = gradient(output.loss, weights).map((dx) => dx!);
  const outputs = fuseAndRecompute(
    [output.loss, ...Object.values(output.buffers), ...gradients],
    { again: null },
  );
  return { outputs, weights: new Set<Value>(weights) };
}
