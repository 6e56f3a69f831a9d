/**
 * The one list of ops; type rules, gradient rules and ONNX emission are tables keyed by it.
 *
 * Names and meaning are ONNX's (opset 21) unless a comment says otherwise. Attributes that ONNX takes as constant
 * inputs (shapes, axes, bounds) are attributes here, since shapes are static.
 */
import type { DType, Shape } from "../tensor/mod.ts";
import type { Value } from "./value.ts";

type None = Readonly<Record<never, never>>;
type Nullary = readonly [];
type Unary = readonly [Value];
type Binary = readonly [Value, Value];
type Ternary = readonly [Value, Value, Value];

/** Operands and attributes of every op. */
export interface Ops {
  // Leaves
  /** A tensor that the caller binds, found by `name`. */
  Input: {
    inputs: Nullary;
    attrs: { readonly name: string; readonly dtype: DType; readonly shape: Shape };
  };
  /** A tensor stored in the model; `bytes` are little-endian elements in row-major order. */
  Constant: {
    inputs: Nullary;
    attrs: { readonly bytes: Uint8Array; readonly dtype: DType; readonly shape: Shape };
  };

  // Elementwise
  Neg: { inputs: Unary; attrs: None };
  Sqrt: { inputs: Unary; attrs: None };
  Exp: { inputs: Unary; attrs: None };
  Log: { inputs: Unary; attrs: None };
  Erf: { inputs: Unary; attrs: None };
  Floor: { inputs: Unary; attrs: None };
  Abs: { inputs: Unary; attrs: None };
  Relu: { inputs: Unary; attrs: None };
  /** The exact GELU, x Phi(x). */
  Gelu: { inputs: Unary; attrs: None };
  Cast: { inputs: Unary; attrs: { readonly to: DType } };
  /** The operand itself; no gradient passes. */
  StopGradient: { inputs: Unary; attrs: None };
  /**
   * The first operand itself, marked as what a segment of the graph makes of the second and of leaves: what lies between may
   * be computed again (see `recompute()`). No node.
   */
  Segment: { inputs: Binary; attrs: None };
  Add: { inputs: Binary; attrs: None };
  Sub: { inputs: Binary; attrs: None };
  Mul: { inputs: Binary; attrs: None };
  Div: { inputs: Binary; attrs: None };
  Min: { inputs: Binary; attrs: None };
  Max: { inputs: Binary; attrs: None };
  Less: { inputs: Binary; attrs: None };
  Equal: { inputs: Binary; attrs: None };
  And: { inputs: Binary; attrs: None };
  /** `condition ? a : b`, broadcasting. */
  Where: { inputs: Ternary; attrs: None };

  // Products
  /**
   * `alpha op(A) op(B)` with optional transposition of the last two axes (ONNX Runtime's FusedMatMul).
   * Leading axes broadcast.
   */
  MatMul: {
    inputs: Binary;
    attrs: { readonly transA: boolean; readonly transB: boolean; readonly alpha: number };
  };

  // Reductions and normalisations
  ReduceSum: {
    inputs: Unary;
    attrs: { readonly axes: readonly number[]; readonly keepDims: boolean };
  };
  /** Has no gradient rule. */
  ReduceMax: {
    inputs: Unary;
    attrs: { readonly axes: readonly number[]; readonly keepDims: boolean };
  };
  /** Along the last axis. */
  Softmax: { inputs: Unary; attrs: None };
  /** Along the last axis. */
  LogSoftmax: { inputs: Unary; attrs: None };
  /** Over the last axis: x, scale, bias -> y, mean, inverse deviation (both `[..., 1]`, without a gradient rule). */
  LayerNormalization: { inputs: Ternary; attrs: { readonly epsilon: number } };

  // Layout
  Reshape: { inputs: Unary; attrs: { readonly shape: Shape } };
  Transpose: { inputs: Unary; attrs: { readonly perm: readonly number[] } };
  Expand: { inputs: Unary; attrs: { readonly shape: Shape } };
  Concat: { inputs: readonly [Value, ...Value[]]; attrs: { readonly axis: number } };
  /** Consecutive parts of the given sizes; one output each. */
  Split: { inputs: Unary; attrs: { readonly axis: number; readonly sizes: readonly number[] } };
  /** Elements `start <= i < end` of one axis. */
  Slice: {
    inputs: Unary;
    attrs: { readonly axis: number; readonly start: number; readonly end: number };
  };
  /** Zeros before and after along one axis: the adjoint of Slice. */
  Pad: {
    inputs: Unary;
    attrs: { readonly axis: number; readonly before: number; readonly after: number };
  };

  // Order
  /**
   * The k smallest along the last axis in ascending order: values, and their positions (int64). Ties go to the
   * lower position. The values have no gradient rule.
   */
  Smallest: { inputs: Unary; attrs: { readonly k: number } };
  /**
   * Rows in another order: x `[B, N, D]`, order `[B, N]` an int64 permutation of each row of the batch; row i of the
   * result is row order[i] of x. The gradient is the same op with the inverse permutation, so nothing is scattered.
   */
  PermuteRows: { inputs: Binary; attrs: None };
  /** Rows of a table `[N, D]` by int64 ids `[...]` -> `[..., D]`. */
  Gather: { inputs: Binary; attrs: None };

  // Several outputs
  /** Output `index` of a value with several. */
  Part: { inputs: Unary; attrs: { readonly index: number } };

  // Fused kernels: put in by rewrites after differentiation, so they have no gradient rule
  /**
   * Scaled dot-product attention: q `[B, N, D]`, k, v `[B, M, D]` -> `[B, N, D]`, the last axis split into heads.
   */
  MultiHeadAttention: {
    inputs: Ternary;
    attrs: { readonly heads: number; readonly scale: number };
  };
  /** Gelu of the sum of x `[..., D]` and bias `[D]`. */
  BiasGelu: { inputs: Binary; attrs: None };
}

/** Name of an op. */
export type Op = keyof Ops;
