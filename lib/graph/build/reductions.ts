/** Functions that reduce axes. */
import { sizeOf } from "../../tensor/mod.ts";
import { apply } from "../type_rules.ts";
import type { Value } from "../value.ts";
import { mul } from "./elementwise.ts";

/**
 * Sum over `axes`.
 *
 * @example
 * ```ts
 * import { input, reduceSum } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 4]);
 * console.assert(String(reduceSum(x, [-1]).shape) === "2,3");
 * ```
 */
export function reduceSum(x: Value, axes: readonly number[], keepDims = false): Value {
  return apply("ReduceSum", [x], { axes, keepDims });
}

/**
 * Largest over `axes`.
 *
 * @example
 * ```ts
 * import { input, reduceMax } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 4]);
 * console.assert(String(reduceMax(x, [1], true).shape) === "2,1,4");
 * ```
 */
export function reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
  return apply("ReduceMax", [x], { axes, keepDims });
}

/**
 * Mean over `axes`.
 *
 * @example
 * ```ts
 * import { input, reduceMean } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 4]);
 * console.assert(String(reduceMean(x, [0, 1, 2]).shape) === "");
 * ```
 */
export function reduceMean(x: Value, axes: readonly number[], keepDims = false): Value {
  const sum = reduceSum(x, axes, keepDims);
  return mul(sum, sizeOf(sum.shape) / sizeOf(x.shape));
}
