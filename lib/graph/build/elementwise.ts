/** Functions that keep the shape of their operand, or broadcast two. */
import type { DType } from "../../tensor/mod.ts";
import { apply } from "../type_rules.ts";
import type { Value } from "../value.ts";
import { scalar } from "./leaves.ts";

/** An operand: a value, or a number that becomes a scalar of the other operand's dtype. */
export type Operand = Value | number;

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
 * import { gelu, input, mul, recompute, segment } from "../mod.ts";
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
 * import { input, less, where } from "../mod.ts";
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
 * import { cast, input } from "../mod.ts";
 *
 * const pixels = cast(input("images", "uint8", [2, 3]), "float32");
 * console.assert(pixels.dtype === "float32");
 * ```
 */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : apply("Cast", [x], { to });
}
