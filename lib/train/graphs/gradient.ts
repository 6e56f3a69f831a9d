/** Pretraining's graphs: batch, noise, parameters, buffers -> losses, gradients, next buffers. */
import { input, reduceMean, reshape, type Value } from "../../graph/mod.ts";
import { Parameters } from "../../nn/mod.ts";
import type { Lowering } from "../../lower/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingModel,
  type PretrainingOutput,
  pretrainingParameters,
  reconstructionLoss,
} from "../../ccmim/mod.ts";
import { patchCount } from "../../vit/mod.ts";
import {
  type BatchConfig,
  batchImages,
  emitEvaluation,
  emitGradient,
  type EmittedGraph,
  type GradientOptions,
} from "./emitted.ts";

/** The forward pass over inputs `images`, `boxes` and `flips` (if cropping), `noise`. */
function forward(
  config: PretrainingConfig,
  batch: BatchConfig,
): { output: PretrainingOutput; parameters: Parameters; buffers: Parameters; noise: Value } {
  const parameters = new Parameters(pretrainingParameters(config));
  const buffers = new Parameters(pretrainingBuffers(config));
  const images = batchImages(batch, config.model.imageSize);
  const noise = input("noise", "float32", [batch.batch, patchCount(config.model)]);
  const output = pretrainingModel(parameters, buffers, config, { images, noise });
  return { output, parameters, buffers, noise };
}

/**
 * The gradient graph of pretraining, with the scalars `loss`, `rec` and, if there is alignment, `align`.
 *
 * @param options.inspect also give `cls_attn`, `key`, `order`, `latent`, `prediction`.
 *
 * @example
 * ```ts
 * import { visual } from "../../../mod.ts";
 * import { gradientGraph } from "../mod.ts";
 *
 * const { config } = visual.runModel("run");
 * const { model, outputs } = gradientGraph(config, { batch: 4, storedSize: 40, crop: true });
 * Deno.writeFileSync("gradient.onnx", model);
 * console.assert(outputs.includes("loss"));
 * ```
 */
export function gradientGraph(
  config: PretrainingConfig,
  batch: BatchConfig,
  options: { inspect?: boolean } & Omit<GradientOptions, "details"> = {},
): EmittedGraph {
  const { output, parameters, buffers, noise } = forward(config, batch);
  const { loss, rec, align } = output;
  return emitGradient({
    scalars: { loss, rec, ...align ? { align } : {} },
    parameters,
    buffers,
    nextBuffers: output.buffers,
    tie: noise,
  }, { ...options, details: options.inspect ? details(output) : {} });
}

/**
 * The evaluation graph of pretraining, without a gradient or the masked branch. Outputs: `rec`, and `mean`, the reconstruction
 * loss of a model that predicts the mean of its targets, `[1]` each.
 *
 * @example
 * ```ts
 * import { visual } from "../../../mod.ts";
 * import { evaluationGraph } from "../mod.ts";
 *
 * const { config } = visual.runModel("run");
 * const { outputs } = evaluationGraph(config, { batch: 4, storedSize: 32, crop: false });
 * console.assert(outputs.includes("rec"));
 * ```
 */
export function evaluationGraph(
  config: PretrainingConfig,
  batch: BatchConfig,
  options: { lower?: Lowering | null } = {},
): EmittedGraph {
  const model = forward({ ...config, align: { ...config.align, weight: 0 } }, batch);
  const { rec, details: { target } } = model.output;
  const mean = reconstructionLoss(reduceMean(target, [0, 1, 2], true), target);
  const outputs = { rec: reshape(rec, [1]), mean: reshape(mean, [1]) };
  return emitEvaluation(outputs, { ...model, ...options });
}

function details({ details }: PretrainingOutput): Record<string, Value> {
  const { scores, key, order, prediction, latent } = details;
  return { ...scores ? { cls_attn: scores } : {}, key, order, prediction, latent };
}
