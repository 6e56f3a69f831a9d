/** Functions that apply ops: the vocabulary in which models are written. */
import { arrayOver, type DType, DTYPES, sameShape, type Shape, sizeOf } from "../tensor/mod.ts";
import { apply } from "./type_rules.ts";
import type { Value } from "./value.ts";

/** An operand: a value, or a number that becomes a scalar of the other operand's dtype. */
export type Operand = Value | number;

/** A tensor that the caller binds under `name`. */
export function input(name: string, dtype: DType, shape: Shape): Value<"Input"> {
  return apply("Input", [], { name, dtype, shape });
}

/**
 * A tensor stored in the model.
 *
 * @param elements in row-major order; as many as `shape` holds.
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

/** A scalar stored in the model. */
export function scalar(value: number, dtype: DType = "float32"): Value<"Constant"> {
  return constant(dtype, [], [value]);
}

/** A tensor of one repeated value, stored in the model. */
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

/** `y` itself, marked as the result of a segment that starts at `x`: see `Segment` in the list of ops. */
export function segment(y: Value, x: Value): Value {
  return apply("Segment", [y, x], {});
}

/** `condition ? a : b`, elementwise. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  return apply("Where", [condition, ...pair(a, b)], {});
}

/** `x` as `to`; `x` itself if it has that dtype. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : apply("Cast", [x], { to });
}

/** `alpha op(a) op(b)`; `transA`, `transB` transpose the last two axes. */
export function matmul(
  a: Value,
  b: Value,
  options: { transA?: boolean; transB?: boolean; alpha?: number } = {},
): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  return apply("MatMul", [a, b], { transA, transB, alpha });
}

/** Sum over `axes`. */
export function reduceSum(x: Value, axes: readonly number[], keepDims = false): Value {
  return apply("ReduceSum", [x], { axes, keepDims });
}

/** Largest over `axes`. */
export function reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
  return apply("ReduceMax", [x], { axes, keepDims });
}

/** Mean over `axes`. */
export function reduceMean(x: Value, axes: readonly number[], keepDims = false): Value {
  const sum = reduceSum(x, axes, keepDims);
  return mul(sum, sizeOf(sum.shape) / sizeOf(x.shape));
}

/** Layer normalisation over the last axis (Ba et al. 2016); `epsilon` is added to the variance. */
export function layerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return apply("LayerNormalization", [x, scale, bias], { epsilon });
}

/** The same elements in another shape; `x` itself if it has that shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply("Reshape", [x], { shape });
}

/** Axis i of the result is axis `perm[i]` of `x`. */
export function transpose(x: Value, perm: readonly number[]): Value {
  return apply("Transpose", [x], { perm });
}

/** Broadcast to `shape`; `x` itself if it has that shape. */
export function expand(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply("Expand", [x], { shape });
}

/** Joined along `axis`. */
export function concat(parts: readonly [Value, ...Value[]], axis: number): Value {
  return apply("Concat", parts, { axis });
}

/** Consecutive parts of the given sizes along `axis`. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const parts = apply("Split", [x], { axis, sizes });
  return sizes.map((_, index) => part(parts, index));
}

/** Elements `start <= i < end` along `axis`. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  return apply("Slice", [x], { axis, start, end });
}

/** `before` and `after` zeros along `axis`. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  return apply("Pad", [x], { axis, before, after });
}

/** The `k` smallest along the last axis, ascending: their values and their positions (int64). */
export function smallest(x: Value, k: number): { values: Value; positions: Value } {
  const both = apply("Smallest", [x], { k });
  return { values: both, positions: part(both, 1) };
}

/** Row i of the result is row `order[i]` of `x`; see `PermuteRows` in the list of ops. */
export function permuteRows(x: Value, order: Value): Value {
  return apply("PermuteRows", [x, order], {});
}

/** The permutation that undoes `order` `[..., N]` (int64, N at most 2^24: it is sorted as float32, exactly). */
export function inversePermutation(order: Value): Value {
  return smallest(cast(order, "float32"), order.shape.at(-1)!).positions;
}

/** Rows of `table` `[N, D]` by `ids`. */
export function gather(table: Value, ids: Value): Value {
  return apply("Gather", [table, ids], {});
}

/** Output `index` of a value with several. */
export function part(x: Value, index: number): Value {
  return apply("Part", [x], { index });
}

/** GELU of x `[..., D]` + bias `[D]` in one kernel; has no gradient rule. */
export function biasGelu(x: Value, bias: Value): Value {
  return apply("BiasGelu", [x, bias], {});
}

/** Scaled dot-product attention in one kernel; has no gradient rule. */
export function multiHeadAttention(
  q: Value,
  k: Value,
  v: Value,
  attrs: { heads: number; scale: number },
): Value {
  return apply("MultiHeadAttention", [q, k, v], attrs);
}
