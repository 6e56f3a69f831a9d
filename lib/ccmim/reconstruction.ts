/** The reconstruction loss of MAE (He et al. 2022, section 3). */
import { add, div, mul, reduceMean, sqrt, sub, type Value } from "../graph/mod.ts";

/** What is added to a patch's variance. */
const EPSILON = 1e-6;

/**
 * What the decoder is to predict: the pixels of the patches `[B, M, P]`, normalised per patch by their mean and unbiased
 * variance if `perPatch`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { reconstructionTarget } from "./mod.ts";
 *
 * const patches = graph.input("patches", "float32", [2, 12, 48]);
 * console.assert(String(reconstructionTarget(patches, true).shape) === "2,12,48");
 * ```
 */
export function reconstructionTarget(patches: Value, perPatch: boolean): Value {
  if (!perPatch) return patches;
  const { centred, deviation } = statistics(patches);
  return div(centred, deviation);
}

/**
 * The pixels that a prediction stands for: the inverse of {@linkcode reconstructionTarget}, with the mean and deviation of
 * `patches`, the true pixels. All `[B, M, P]`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { reconstructedPatches } from "./mod.ts";
 *
 * const patches = graph.input("patches", "float32", [2, 12, 48]);
 * const prediction = graph.input("prediction", "float32", [2, 12, 48]);
 * console.assert(String(reconstructedPatches(prediction, patches, true).shape) === "2,12,48");
 * ```
 */
export function reconstructedPatches(prediction: Value, patches: Value, perPatch: boolean): Value {
  if (!perPatch) return prediction;
  const { mean, deviation } = statistics(patches);
  return add(mul(prediction, deviation), mean);
}

/** Of the pixels of each patch `[B, M, P]`: mean and deviation `[B, M, 1]`, and what is left without the mean. */
function statistics(patches: Value): { mean: Value; centred: Value; deviation: Value } {
  const P = patches.shape[2]!;
  const mean = reduceMean(patches, [2], true);
  const centred = sub(patches, mean);
  const variance = mul(reduceMean(mul(centred, centred), [2], true), P / (P - 1)); // [B, M, 1]
  return { mean, centred, deviation: sqrt(add(variance, EPSILON)) };
}

/**
 * Mean squared error over all masked patches and their pixels: both `[B, M, P]` -> a scalar.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { reconstructionLoss, reconstructionTarget } from "./mod.ts";
 *
 * const patches = graph.input("patches", "float32", [2, 12, 48]);
 * const prediction = graph.input("prediction", "float32", [2, 12, 48]);
 * const loss = reconstructionLoss(prediction, reconstructionTarget(patches, true));
 * console.assert(String(loss.shape) === "");
 * ```
 */
export function reconstructionLoss(prediction: Value, target: Value): Value {
  const error = sub(prediction, target);
  return reduceMean(mul(error, error), [0, 1, 2]);
}
