/** Functions that rank, permute and look up rows. */
import { apply } from "../type_rules.ts";
import type { Value } from "../value.ts";
import { cast } from "./elementwise.ts";
import { part } from "./shapes.ts";

/**
 * The `k` smallest along the last axis, ascending: their values and their positions (int64).
 *
 * @example
 * ```ts
 * import { input, smallest } from "../mod.ts";
 *
 * const { values, positions } = smallest(input("x", "float32", [2, 10]), 3);
 * console.assert(String(values.shape) === "2,3" && positions.dtype === "int64");
 * ```
 */
export function smallest(x: Value, k: number): { values: Value; positions: Value } {
  const both = apply("Smallest", [x], { k });
  return { values: both, positions: part(both, 1) };
}

/**
 * Row i of the result is row `order[i]` of `x`; see `PermuteRows` in the list of ops.
 *
 * @example
 * ```ts
 * import { input, permuteRows } from "../mod.ts";
 *
 * const tokens = input("tokens", "float32", [2, 4, 8]);
 * const order = input("order", "int64", [2, 4]);
 * console.assert(String(permuteRows(tokens, order).shape) === "2,4,8");
 * ```
 */
export function permuteRows(x: Value, order: Value): Value {
  return apply("PermuteRows", [x, order], {});
}

/**
 * The permutation that undoes `order` `[..., N]` (int64, N at most 2^24: it is sorted as float32, exactly).
 *
 * @example
 * ```ts
 * import { input, inversePermutation } from "../mod.ts";
 *
 * const order = input("order", "int64", [2, 4]);
 * console.assert(String(inversePermutation(order).shape) === "2,4");
 * ```
 */
export function inversePermutation(order: Value): Value {
  return smallest(cast(order, "float32"), order.shape.at(-1)!).positions;
}

/**
 * Rows of `table` `[N, D]` by `ids`.
 *
 * @example
 * ```ts
 * import { gather, input } from "../mod.ts";
 *
 * const table = input("table", "float32", [10, 8]);
 * const ids = input("ids", "int64", [2, 3]);
 * console.assert(String(gather(table, ids).shape) === "2,3,8");
 * ```
 */
export function gather(table: Value, ids: Value): Value {
  return apply("Gather", [table, ids], {});
}
