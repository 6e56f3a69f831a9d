/** Functions that move elements to another shape, unchanged. */
import { sameShape, type Shape } from "../../tensor/mod.ts";
import { apply } from "../type_rules.ts";
import type { Value } from "../value.ts";

/**
 * The same elements in another shape; `x` itself if it has that shape.
 *
 * @example
 * ```ts
 * import { input, reshape } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 6]);
 * console.assert(String(reshape(x, [3, 4]).shape) === "3,4");
 * ```
 */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply("Reshape", [x], { shape });
}

/**
 * Axis i of the result is axis `perm[i]` of `x`.
 *
 * @example
 * ```ts
 * import { input, transpose } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 4]);
 * console.assert(String(transpose(x, [2, 0, 1]).shape) === "4,2,3");
 * ```
 */
export function transpose(x: Value, perm: readonly number[]): Value {
  return apply("Transpose", [x], { perm });
}

/**
 * Broadcast to `shape`; `x` itself if it has that shape.
 *
 * @example
 * ```ts
 * import { expand, input } from "../mod.ts";
 *
 * const x = input("x", "float32", [3, 1]);
 * console.assert(String(expand(x, [2, 3, 4]).shape) === "2,3,4");
 * ```
 */
export function expand(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply("Expand", [x], { shape });
}

/**
 * Joined along `axis`.
 *
 * @example
 * ```ts
 * import { concat, input } from "../mod.ts";
 *
 * const [a, b] = [input("a", "float32", [2, 1]), input("b", "float32", [2, 5])];
 * console.assert(String(concat([a, b], 1).shape) === "2,6");
 * ```
 */
export function concat(parts: readonly [Value, ...Value[]], axis: number): Value {
  return apply("Concat", parts, { axis });
}

/**
 * Consecutive parts of the given sizes along `axis`.
 *
 * @example
 * ```ts
 * import { input, part, split } from "../mod.ts";
 *
 * const qkv = input("qkv", "float32", [2, 12]);
 * const [q, k, v] = split(qkv, 1, [4, 4, 4]);
 * console.assert([q, k, v].every((part) => String(part!.shape) === "2,4"));
 * ```
 */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const parts = apply("Split", [x], { axis, sizes });
  return sizes.map((_, index) => part(parts, index));
}

/**
 * Elements `start <= i < end` along `axis`.
 *
 * @example
 * ```ts
 * import { input, slice } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 10]);
 * console.assert(String(slice(x, 1, 3, 7).shape) === "2,4");
 * ```
 */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  return apply("Slice", [x], { axis, start, end });
}

/**
 * `before` and `after` zeros along `axis`.
 *
 * @example
 * ```ts
 * import { input, pad } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 4]);
 * console.assert(String(pad(x, 1, 1, 2).shape) === "2,7");
 * ```
 */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  return apply("Pad", [x], { axis, before, after });
}

/**
 * Output `index` of a value with several.
 *
 * @example
 * ```ts
 * import { apply, input, part } from "../mod.ts";
 *
 * const both = apply("Split", [input("x", "float32", [2, 6])], { axis: 1, sizes: [2, 4] });
 * console.assert(String(part(both, 1).shape) === "2,4");
 * ```
 */
export function part(x: Value, index: number): Value {
  return apply("Part", [x], { index });
}
