/** Values that depend on no other: inputs and constants. */
import { arrayOver, type DType, DTYPES, type Shape, sizeOf } from "../../tensor/mod.ts";
import { apply } from "../type_rules.ts";
import type { Value } from "../value.ts";

/**
 * A tensor that the caller binds under `name`.
 *
 * @example
 * ```ts
 * import { input } from "../mod.ts";
 *
 * const images = input("images", "uint8", [8, 32, 32, 3]);
 * console.assert(images.dtype === "uint8" && images.shape.length === 4);
 * ```
 */
export function input(name: string, dtype: DType, shape: Shape): Value<"Input"> {
  return apply("Input", [], { name, dtype, shape });
}

/**
 * A tensor stored in the model.
 *
 * @param elements in row-major order; as many as `shape` holds.
 *
 * @example
 * ```ts
 * import { constant } from "../mod.ts";
 *
 * const table = constant("float32", [2, 2], [1, 0, 0, 1]);
 * console.assert(String(table.shape) === "2,2");
 * ```
 */
export function constant(
  dtype: DType,
  shape: Shape,
  elements: ArrayLike<number>,
): Value<"Constant"> {
  if (dtype === "float16" || dtype === "bfloat16") {
    throw new TypeError(`Cannot make a ${dtype} constant of numbers: make it float32 and cast it`);
  }
  const bytes = new Uint8Array(elements.length * DTYPES[dtype].bytes);
  const array = arrayOver(dtype, bytes);
  if (array instanceof BigInt64Array) {
    for (let i = 0; i < elements.length; i++) array[i] = BigInt(elements[i]!);
  } else {
    array.set(elements);
  }
  return apply("Constant", [], { bytes, dtype, shape });
}

/**
 * A scalar stored in the model.
 *
 * @example
 * ```ts
 * import { scalar } from "../mod.ts";
 *
 * console.assert(scalar(0.5).shape.length === 0);
 * ```
 */
export function scalar(value: number, dtype: DType = "float32"): Value<"Constant"> {
  return constant(dtype, [], [value]);
}

/**
 * A tensor of one repeated value, stored in the model.
 *
 * @example
 * ```ts
 * import { filled } from "../mod.ts";
 *
 * console.assert(String(filled("float32", [2, 3], 1).shape) === "2,3");
 * ```
 */
export function filled(dtype: DType, shape: Shape, value: number): Value<"Constant"> {
  return constant(dtype, shape, new Float64Array(sizeOf(shape)).fill(value));
}
