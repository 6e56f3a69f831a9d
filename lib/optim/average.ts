/** Exponential moving average of the parameters (Polyak averaging). */
import { add, mul, sub, type Value } from "../graph/mod.ts";

/**
 * average + (1 - decay)(parameter - average); unchanged if `finite` is 0.
 *
 * @param decay in [0, 1).
 * @param finite `[1]` or scalar, 0 or 1.
 */
export function average(average: Value, parameter: Value, decay: number, finite: Value): Value {
  return add(average, mul(sub(parameter, average), mul(finite, 1 - decay)));
}
