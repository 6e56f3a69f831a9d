/** The head of a linear probe: BatchNorm without affine, then one linear layer (He et al. 2022, appendix A.1). */
import {
  add,
  cast,
  constant,
  div,
  equal,
  logSoftmax,
  matmul,
  mul,
  reduceSum,
  sqrt,
  sub,
  type Value,
} from "../graph/mod.ts";
import { batchNorm, type Parameter, type Parameters } from "../nn/mod.ts";

/** What the BatchNorm adds to the variance, and the weight of a batch in its running statistics. */
const BATCH_NORM = { epsilon: 1e-6, momentum: 0.1 } as const;

/** Names of the running statistics, as MAE's checkpoints have them. */
const STATISTICS = { mean: "head.0.running_mean", variance: "head.0.running_var" } as const;

/** Running statistics of features of `width` numbers. */
export function headBuffers(width: number): Parameter[] {
  return [
    { name: STATISTICS.mean, shape: [width], init: "zeros" },
    { name: STATISTICS.variance, shape: [width], init: "ones" },
  ];
}

/** The linear layer `name` from `width` numbers to `classes`. */
export function headParameters(width: number, classes: number, name = "head.1"): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [classes, width], init: { normal: 0.01 } },
    { name: `${name}.bias`, shape: [classes], init: "zeros" },
  ];
}

/** Features normalised by their batch, and the running statistics after it, by name. */
export function normaliseBatch(
  buffers: Parameters,
  features: Value,
): { readonly y: Value; readonly next: Readonly<Record<string, Value>> } {
  const running = {
    mean: buffers.get(STATISTICS.mean),
    variance: buffers.get(STATISTICS.variance),
  };
  const { y, running: next } = batchNorm(features, running, BATCH_NORM);
  return { y, next: { [STATISTICS.mean]: next.mean, [STATISTICS.variance]: next.variance } };
}

/** Features `[B, F]` normalised by the running statistics, as a trained head does it. */
export function normaliseRunning(buffers: Parameters, features: Value): Value {
  const deviation = sqrt(add(buffers.get(STATISTICS.variance), BATCH_NORM.epsilon));
  return div(sub(features, buffers.get(STATISTICS.mean)), deviation);
}

/** Logits of the linear layer: `[B, F]` -> `[B, C]`. */
export function logits(p: Parameters, x: Value, name = "head.1"): Value {
  return add(matmul(x, p.get(`${name}.weight`), { transB: true }), p.get(`${name}.bias`));
}

/**
 * Mean cross-entropy of logits against classes.
 *
 * @param logits `[B, C]`.
 * @param labels whole numbers as float32, `[B, 1]`.
 * @returns a scalar.
 */
export function crossEntropy(logits: Value, labels: Value): Value {
  const [B, C] = logits.shape as [number, number];
  const classes = constant("float32", [1, C], Array.from({ length: C }, (_, c) => c));
  const isOwn = cast(equal(labels, classes), "float32"); // [B, C]
  return mul(reduceSum(mul(logSoftmax(logits), isOwn), [0, 1]), -1 / B);
}
