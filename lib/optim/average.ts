/** Exponential moving average of the parameters (Polyak averaging). */
import { add, mul, sub, type Value } from "../graph/mod.ts";

/**
 * average + (1 - decay)(parameter - average); unchanged if `finite` is 0.
 *
 * @param decay in [0, 1).
 * @param finite `[1]` or scalar, 0 or 1.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { average } from "./mod.ts";
 *
 * const [mean, parameter] = ["mean", "p"].map((name) => graph.input(name, "float32", [64]));
 * const next = average(mean!, parameter!, 0.9999, graph.input("finite", "float32", [1]));
 * console.assert(String(next.shape) === "64");
 * ```
 */
export function average(average: Value, parameter: Value, decay: number, finite: Value): Value {
  return add(average, mul(sub(parameter, average), mul(finite, 1 - decay)));
}
