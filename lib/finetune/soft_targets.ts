/** Targets that are shares of classes, and the loss against them. */
import {
  add,
  cast,
  constant,
  equal,
  logSoftmax,
  mul,
  reduceSum,
  type Value,
} from "../graph/mod.ts";

/**
 * Smoothed targets (Szegedy et al. 2016): `1 - smoothing` for the class, and `smoothing` shared by all.
 *
 * @param labels whole numbers as float32, `[B, 1]`.
 * @returns `[B, C]`; each row adds up to 1.
 */
export function smoothedTargets(labels: Value, classes: number, smoothing: number): Value {
  const all = constant("float32", [1, classes], Array.from({ length: classes }, (_, c) => c));
  const isOwn = cast(equal(labels, all), "float32"); // [B, C]
  return smoothing === 0 ? isOwn : add(mul(isOwn, 1 - smoothing), smoothing / classes);
}

/** Mean cross-entropy of logits `[B, C]` against shares `[B, C]`: a scalar. */
export function softCrossEntropy(logits: Value, targets: Value): Value {
  return mul(reduceSum(mul(logSoftmax(logits), targets), [0, 1]), -1 / logits.shape[0]!);
}
