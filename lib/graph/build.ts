/** Functions that apply ops: the vocabulary in which models are written. */
import { arrayOver, type DType, DTYPES, sameShape, type Shape, sizeOf } from "../tensor/mod.ts";
import { apply } from "./type_rules.ts";
import type { Value } from "./value.ts";

/** An operand: a value, or a number that becomes a scalar of the other operand's dtype. */
export type Operand = Value | number;

/**
 * A tensor that the caller binds under `name`.
 *
 * @example
 * ```ts
 * import { input } from "./mod.ts";
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
 * import { constant } from "./mod.ts";
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
 * import { scalar } from "./mod.ts";
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
 * import { filled } from "./mod.ts";
 *
 * console.assert(String(filled("float32", [2, 3], 1).shape) === "2,3");
 * ```
 */
export function filled(dtype: DType, shape: Shape, value: number): Value<"Constant"> {
  return constant(dtype, shape, new Float64Array(sizeOf(shape)).fill(value));
}

function pair(a: Operand, b: Operand): [Value, Value] {
  if (typeof a !== "number") return [a, typeof b === "number" ? scalar(b, a.dtype) : b];
  if (typeof b !== "number") return [scalar(a, b.dtype), b];
  throw new TypeError(`Cannot combine the numbers ${a} and ${b}: one operand must be a value`);
}

/** A function of one value. */
export type Unary = (x: Value) => Value;
/** A function of two operands, which broadcast; a number becomes a scalar of the other's type. */
export type Binary = (a: Operand, b: Operand) => Value;

type Elementwise = "Neg" | "Sqrt" | "Exp" | "Log" | "Erf" | "Floor" | "Abs" | "Relu" | "Gelu";
const unary = <K extends Elementwise | "Softmax" | "LogSoftmax" | "StopGradient">(op: K) =>
(
  x: Value,
): Value => apply(op, [x], {});
const binary = <K extends "Add" | "Sub" | "Mul" | "Div" | "Min" | "Max" | "Less" | "Equal" | "And">(
  op: K,
) =>
(a: Operand, b: Operand): Value => apply(op, pair(a, b), {});

/** -x. */
export const neg: Unary = unary("Neg");
/** The square root of x. */
export const sqrt: Unary = unary("Sqrt");
/** e to the x. */
export const exp: Unary = unary("Exp");
/** The natural logarithm of x. */
export const log: Unary = unary("Log");
/** The error function of x. */
export const erf: Unary = unary("Erf");
/** The largest whole number that is not above x; no gradient passes. */
export const floor: Unary = unary("Floor");
/** |x|. */
export const abs: Unary = unary("Abs");
/** max(x, 0). */
export const relu: Unary = unary("Relu");
/** x Phi(x), exactly. */
export const gelu: Unary = unary("Gelu");
/** Softmax along the last axis. */
export const softmax: Unary = unary("Softmax");
/** The logarithm of the softmax along the last axis. */
export const logSoftmax: Unary = unary("LogSoftmax");
/** x itself, through which no gradient passes. */
export const stopGradient: Unary = unary("StopGradient");
/** a + b, broadcasting as all ops of two operands do. */
export const add: Binary = binary("Add");
/** a - b. */
export const sub: Binary = binary("Sub");
/** a b, element by element. */
export const mul: Binary = binary("Mul");
/** a / b. */
export const div: Binary = binary("Div");
/** The smaller of a and b; the gradient goes to it. */
export const min: Binary = binary("Min");
/** The larger of a and b; the gradient goes to it. */
export const max: Binary = binary("Max");
/** a < b, as bool. */
export const less: Binary = binary("Less");
/** a = b, as bool. */
export const equal: Binary = binary("Equal");
/** a and b, of bools. */
export const and: Binary = binary("And");

/**
 * `y` itself, marked as the result of a segment that starts at `x`: see `Segment` in the list of ops.
 *
 * @example
 * ```ts
 * import { gelu, input, mul, recompute, segment } from "./mod.ts";
 *
 * const x = input("x", "float32", [4, 8]);
 * const y = segment(gelu(mul(x, 2)), x); // recompute() can compute it again rather than keep it
 * console.assert(String(y.shape) === "4,8");
 * ```
 */
export function segment(y: Value, x: Value): Value {
  return apply("Segment", [y, x], {});
}

/**
 * `condition ? a : b`, elementwise.
 *
 * @example
 * ```ts
 * import { input, less, where } from "./mod.ts";
 *
 * const x = input("x", "float32", [4]);
 * const positive = where(less(x, 0), 0, x);
 * console.assert(positive.dtype === "float32");
 * ```
 */
export function where(condition: Value, a: Operand, b: Operand): Value {
  return apply("Where", [condition, ...pair(a, b)], {});
}

/**
 * `x` as `to`; `x` itself if it has that dtype.
 *
 * @example
 * ```ts
 * import { cast, input } from "./mod.ts";
 *
 * const pixels = cast(input("images", "uint8", [2, 3]), "float32");
 * console.assert(pixels.dtype === "float32");
 * ```
 */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : apply("Cast", [x], { to });
}

/**
 * `alpha op(a) op(b)`; `transA`, `transB` transpose the last two axes.
 *
 * @example
 * ```ts
 * import { input, matmul } from "./mod.ts";
 *
 * const x = input("x", "float32", [8, 16, 4]);
 * const w = input("w", "float32", [32, 4]);
 * console.assert(String(matmul(x, w, { transB: true }).shape) === "8,16,32");
 * ```
 */
export function matmul(
  a: Value,
  b: Value,
  options: { transA?: boolean; transB?: boolean; alpha?: number } = {},
): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  return apply("MatMul", [a, b], { transA, transB, alpha });
}

/**
 * Sum over `axes`.
 *
 * @example
 * ```ts
 * import { input, reduceSum } from "./mod.ts";
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
 * import { input, reduceMax } from "./mod.ts";
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
 * import { input, reduceMean } from "./mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 4]);
 * console.assert(String(reduceMean(x, [0, 1, 2]).shape) === "");
 * ```
 */
export function reduceMean(x: Value, axes: readonly number[], keepDims = false): Value {
  const sum = reduceSum(x, axes, keepDims);
  return mul(sum, sizeOf(sum.shape) / sizeOf(x.shape));
}

/**
 * Layer normalisation over the last axis (Ba et al. 2016); `epsilon` is added to the variance.
 *
 * @example
 * ```ts
 * import { filled, input, layerNormalization } from "./mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 8]);
 * const y = layerNormalization(x, filled("float32", [8], 1), filled("float32", [8], 0), 1e-6);
 * console.assert(String(y.shape) === "2,3,8");
 * ```
 */
export function layerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return apply("LayerNormalization", [x, scale, bias], { epsilon });
}

/**
 * The same elements in another shape; `x` itself if it has that shape.
 *
 * @example
 * ```ts
 * import { input, reshape } from "./mod.ts";
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
 * import { input, transpose } from "./mod.ts";
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
 * import { expand, input } from "./mod.ts";
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
 * import { concat, input } from "./mod.ts";
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
 * import { input, part, split } from "./mod.ts";
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
 * import { input, slice } from "./mod.ts";
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
 * import { input, pad } from "./mod.ts";
 *
 * const x = input("x", "float32", [2, 4]);
 * console.assert(String(pad(x, 1, 1, 2).shape) === "2,7");
 * ```
 */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  return apply("Pad", [x], { axis, before, after });
}

/**
 * The `k` smallest along the last axis, ascending: their values and their positions (int64).
 *
 * @example
 * ```ts
 * import { input, smallest } from "./mod.ts";
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
 * import { input, permuteRows } from "./mod.ts";
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
 * import { input, inversePermutation } from "./mod.ts";
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
 * import { gather, input } from "./mod.ts";
 *
 * const table = input("table", "float32", [10, 8]);
 * const ids = input("ids", "int64", [2, 3]);
 * console.assert(String(gather(table, ids).shape) === "2,3,8");
 * ```
 */
export function gather(table: Value, ids: Value): Value {
  return apply("Gather", [table, ids], {});
}

/**
 * Output `index` of a value with several.
 *
 * @example
 * ```ts
 * import { apply, input, part } from "./mod.ts";
 *
 * const both = apply("Split", [input("x", "float32", [2, 6])], { axis: 1, sizes: [2, 4] });
 * console.assert(String(part(both, 1).shape) === "2,4");
 * ```
 */
export function part(x: Value, index: number): Value {
  return apply("Part", [x], { index });
}

/**
 * GELU of x `[..., D]` + bias `[D]` in one kernel; has no gradient rule.
 *
 * @example
 * ```ts
 * import { biasGelu, input } from "./mod.ts";
 *
 * const y = biasGelu(input("x", "float32", [2, 8]), input("bias", "float32", [8]));
 * console.assert(String(y.shape) === "2,8");
 * ```
 */
export function biasGelu(x: Value, bias: Value): Value {
  return apply("BiasGelu", [x, bias], {});
}

/**
 * Scaled dot-product attention in one kernel; has no gradient rule.
 *
 * @example
 * ```ts
 * import { input, multiHeadAttention } from "./mod.ts";
 *
 * const [q, k, v] = ["q", "k", "v"].map((name) => input(name, "float32", [2, 5, 8]));
 * const y = multiHeadAttention(q!, k!, v!, { heads: 2, scale: 0.5 });
 * console.assert(String(y.shape) === "2,5,8");
 * ```
 */
export function multiHeadAttention(
  q: Value,
  k: Value,
  v: Value,
  attrs: { heads: number; scale: number },
): Value {
  return apply("MultiHeadAttention", [q, k, v], attrs);
}
