/** The reconstruction loss of MAE (He et al. 2022, section 3). */
import { add, div, mul, reduceMean, sqrt, sub, type Value } from "../graph/mod.ts";

/** What is added to a patch's variance. */
const EPSILON = 1e-6;

/**
 * What the decoder is to predict: the pixels of the patches `[B, M, P]`, normalised per patch by their mean and unbiased
 * variance if `perPatch`.
 */
export function reconstructionTarget(patches: Value, perPatch: boolean): Value {
  if (!perPatch) return patches;
  const P = patches.shape[2]!;
  const centred = sub(patches, reduceMean(patches, [2], true));
  const variance = mul(reduceMean(mul(centred, centred), [2], true), P / (P - 1)); // [B, M, 1]
  return div(centred, sqrt(add(variance, EPSILON)));
}

/** Mean squared error over all masked patches and their pixels: both `[B, M, P]` -> a scalar. */
export function reconstructionLoss(prediction: Value, target: Value): Value {
  const error = sub(prediction, target);
  return reduceMean(mul(error, error), [0, 1, 2]);
}
