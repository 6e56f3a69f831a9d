/**
 * The 16-bit types of each op's CUDA kernel: a table keyed by op, which decides what a lowered graph may hold.
 *
 * From the kernels that ONNX Runtime 1.30 registers for the nodes that an op is written as, at opset 21. An op without a kernel
 * runs in float32 between casts: a float16 node without one would move to the CPU, a bfloat16 node makes the session fail.
 */
import type { Op } from "../graph/mod.ts";
import type { LowType } from "./low_type.ts";

const BOTH = ["bfloat16", "float16"] as const;
const HALF = ["float16"] as const;

/** The table. float32 is everywhere. */
export const CUDA_KERNELS: { readonly [K in Op]: readonly LowType[] } = {
  // No node of their own
  Input: BOTH,
  Constant: BOTH,
  StopGradient: BOTH,
  Segment: BOTH,
  Part: BOTH,

  Neg: BOTH,
  Sqrt: BOTH,
  Exp: BOTH,
  Log: HALF,
  Erf: BOTH,
  Floor: HALF,
  Abs: BOTH,
  Relu: BOTH,
  Gelu: BOTH,
  Cast: BOTH,
  Add: BOTH,
  Sub: BOTH,
  Mul: BOTH,
  Div: BOTH,
  Min: BOTH,
  Max: BOTH,
  Less: HALF,
  Equal: HALF,
  And: [], // of flags only
  Where: BOTH,

  // MatMul and FusedMatMul: cuBLAS with float32 sums, the result rounded once; alpha is rounded to the type as well
  MatMul: BOTH,

  ReduceSum: BOTH, // sums in float32, the result rounded once
  ReduceMax: HALF,
  Softmax: BOTH, // float32 inside, the result rounded once
  LogSoftmax: HALF,
  LayerNormalization: BOTH,

  Reshape: BOTH,
  Transpose: BOTH,
  Expand: BOTH,
  Concat: BOTH,
  Split: BOTH,
  Slice: BOTH,
  Pad: HALF,

  Smallest: HALF, // TopK: bfloat16 from opset 24 on
  PermuteRows: BOTH, // GatherND
  Gather: BOTH,

  MultiHeadAttention: BOTH, // softmax in float32 inside
  BiasGelu: BOTH,
};
