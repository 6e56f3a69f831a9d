/** Batch normalisation in training mode (Ioffe and Szegedy 2015). */
import { add, div, mul, reduceMean, sqrt, sub, type Value } from "../graph/mod.ts";

/** Running statistics, `[D]` each. */
export interface RunningStatistics {
  readonly mean: Value;
  readonly variance: Value;
}

/** The normalised batch, and the running statistics after it. */
export interface BatchNormalised {
  readonly y: Value;
  readonly running: RunningStatistics;
}

/**
 * x `[B, D]`, B > 1, normalised by the batch's own mean and biased variance; the running variance takes the
 * unbiased one.
 *
 * @param options.momentum weight of the batch in the running statistics.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { batchNorm } from "./mod.ts";
 *
 * const x = graph.input("x", "float32", [16, 8]);
 * const [mean, variance] = ["mean", "variance"].map((name) => graph.input(name, "float32", [8]));
 * const running = { mean: mean!, variance: variance! };
 * const { y } = batchNorm(x, running, { epsilon: 1e-5, momentum: 0.1 });
 * console.assert(String(y.shape) === "16,8");
 * ```
 */
export function batchNorm(
  x: Value,
  running: RunningStatistics,
  options: { epsilon: number; momentum: number },
): BatchNormalised {
  const { epsilon, momentum } = options;
  const B = x.shape[0]!;
  const mean = reduceMean(x, [0]); // [D]
  const centred = sub(x, mean);
  const variance = reduceMean(mul(centred, centred), [0]); // [D]
  const toward = (old: Value, now: Value) => add(mul(old, 1 - momentum), mul(now, momentum));
  return {
    y: div(centred, sqrt(add(variance, epsilon))),
    running: {
      mean: toward(running.mean, mean),
      variance: toward(running.variance, mul(variance, B / (B - 1))),
    },
  };
}
