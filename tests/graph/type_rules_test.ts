import assert from "node:assert/strict";
import { apply, input, type Op, type Ops, type Value } from "../../lib/graph/mod.ts";
import type { DType, Shape } from "../../lib/tensor/mod.ts";
import { build, CASES, OPS } from "./_cases.ts";

const float = (...shape: number[]) => input("x", "float32", shape);
const typed = (dtype: DType, ...shape: number[]) => input("x", dtype, shape);

/** One application that must not be possible, and what the message says after the operands. */
interface Rejection {
  readonly inputs: readonly Value[];
  readonly attrs: object;
  readonly why: string;
  readonly error?: "RangeError";
}

const attrs = {};
const notFloat: readonly Rejection[] = [
  { inputs: [typed("int64", 2)], attrs, why: "operands must be floats" },
];
const notBroadcast = (dtype: DType): Rejection => ({
  inputs: [typed(dtype, 2, 3), typed(dtype, 2)],
  attrs,
  why: "Cannot broadcast [2, 3] with [2]",
});
const mixed: Rejection = {
  inputs: [float(2), typed("float64", 2)],
  attrs,
  why: "operands must share one dtype",
};
const flags: Rejection = {
  inputs: [typed("bool", 2), typed("bool", 2)],
  attrs,
  why: "operands must be numbers",
};
const arithmetic = [notBroadcast("float32"), mixed, flags];

const reduction = (axes: readonly number[], why: string, error?: "RangeError") => ({
  inputs: [float(2, 3)],
  attrs: { axes, keepDims: false },
  why,
  ...error ? { error } : {},
});
const reductions = [
  reduction([], "axes [] must be distinct and at least one"),
  reduction([0, 0], "axes [0,0] must be distinct and at least one"),
  reduction([1, -1], "axes [1,-1] must be distinct and at least one"),
  reduction([2], "Cannot use axis 2: the shape is [2, 3]", "RangeError"),
];

const product = (a: Value, b: Value, why: string, transposed: boolean[] = []) => ({
  inputs: [a, b],
  attrs: { transA: transposed[0] ?? false, transB: transposed[1] ?? false, alpha: 1 },
  why,
});

const shape = (x: Value, to: Shape, why: string, error?: "RangeError") => ({
  inputs: [x],
  attrs: { shape: to },
  why,
  ...error ? { error } : {},
});

/** What every op refuses; null for ops that take any operand. */
const REJECTIONS: { readonly [K in Op]: readonly Rejection[] | null } = {
  Input: [{
    inputs: [],
    attrs: { name: "x", dtype: "float32", shape: [2, -1] },
    why: "Cannot use [2, -1] as a shape: axes are whole numbers >= 0",
    error: "RangeError",
  }],
  Constant: [{
    inputs: [],
    attrs: { bytes: new Uint8Array(4), dtype: "float32", shape: [2] },
    why: "4 bytes given, 8 needed",
  }],

  Neg: notFloat,
  Sqrt: notFloat,
  Exp: notFloat,
  Log: notFloat,
  Erf: notFloat,
  Floor: notFloat,
  Abs: notFloat,
  Relu: notFloat,
  Gelu: notFloat,
  Cast: null,
  StopGradient: null,
  Segment: null,
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Min: arithmetic,
  Max: arithmetic,
  Less: arithmetic,
  Equal: [notBroadcast("int64"), mixed],
  And: [notBroadcast("bool"), {
    inputs: [float(2), float(2)],
    attrs,
    why: "operands must be bool",
  }],
  Where: [
    { inputs: [float(2), float(2), float(2)], attrs, why: "the condition must be bool" },
    {
      inputs: [typed("bool", 2), float(2), typed("int64", 2)],
      attrs,
      why: "operands must share one dtype",
    },
    {
      inputs: [typed("bool", 2), float(3), float(3)],
      attrs,
      why: "Cannot broadcast [2] with [3]",
    },
  ],

  MatMul: [
    product(float(2, 3), float(2, 3), "inner sizes 3 and 2 differ"),
    product(float(2, 3), float(3, 4), "inner sizes 2 and 3 differ", [true]),
    product(float(2, 3), float(3, 4), "inner sizes 3 and 4 differ", [false, true]),
    product(float(3), float(3, 4), "operands need two axes"),
    product(float(2, 3), float(3), "operands need two axes"),
    product(typed("int64", 2, 3), typed("int64", 3, 2), "operands must be floats"),
    product(float(2, 3), typed("float64", 3, 2), "operands must share one dtype"),
    product(float(2, 2, 3), float(3, 3, 2), "Cannot broadcast [2] with [3]"),
  ],

  ReduceSum: reductions,
  ReduceMax: reductions,
  Softmax: notFloat,
  LogSoftmax: notFloat,
  LayerNormalization: [
    {
      inputs: [float(2, 3), float(2), float(3)],
      attrs: { epsilon: 1e-6 },
      why: "scale and bias must be [3]",
    },
    {
      inputs: [float(2, 3), float(3), float(1, 3)],
      attrs: { epsilon: 1e-6 },
      why: "scale and bias must be [3]",
    },
    {
      inputs: [float(2, 3), typed("float64", 3), float(3)],
      attrs: { epsilon: 1e-6 },
      why: "operands must share one dtype",
    },
    {
      inputs: [typed("int64", 2, 3), float(3), float(3)],
      attrs: { epsilon: 1e-6 },
      why: "operands must be floats",
    },
  ],

  Reshape: [
    shape(float(2, 3), [5], "[5] has another number of elements"),
    shape(
      float(2, 3),
      [-2, -3],
      "Cannot use [-2, -3] as a shape: axes are whole numbers >= 0",
      "RangeError",
    ),
  ],
  Transpose: [[0], [0, 0], [0, 2], [0, 1, 2]].map((perm) => ({
    inputs: [float(2, 3)],
    attrs: { perm },
    why: `[${perm}] is no permutation of its axes`,
  })),
  Expand: [
    shape(float(2, 3), [4, 2], "Cannot broadcast [2, 3] with [4, 2]"),
    shape(float(2, 3), [2, 1], "it does not broadcast to [2, 1]"),
    shape(float(2, 3), [3], "it does not broadcast to [3]"),
  ],
  Concat: [
    {
      inputs: [float(2, 3), float(3, 3)],
      attrs: { axis: 1 },
      why: "shapes may differ along axis 1 only",
    },
    {
      inputs: [float(2, 3), float(3)],
      attrs: { axis: 0 },
      why: "shapes may differ along axis 0 only",
    },
    {
      inputs: [float(2, 3), typed("float64", 2, 3)],
      attrs: { axis: 0 },
      why: "operands must share one dtype",
    },
    {
      inputs: [float(2, 3)],
      attrs: { axis: 2 },
      why: "Cannot use axis 2: the shape is [2, 3]",
      error: "RangeError",
    },
  ],
  Split: [
    {
      inputs: [float(2, 3)],
      attrs: { axis: 1, sizes: [1, 1] },
      why: "sizes [1,1] do not add up to axis 1",
    },
    {
      inputs: [float(2, 3)],
      attrs: { axis: 1, sizes: [4, -1] },
      why: "Cannot use [4, -1] as a shape: axes are whole numbers >= 0",
      error: "RangeError",
    },
  ],
  Slice: [[-1, 2], [2, 1], [0, 4]].map(([start, end]) => ({
    inputs: [float(2, 3)],
    attrs: { axis: 1, start: start!, end: end! },
    why: `${start}..${end} is not within axis 1`,
  })),
  Pad: [{
    inputs: [float(2, 3)],
    attrs: { axis: 1, before: -1, after: 0 },
    why: "Cannot use [-1, 3, 0] as a shape: axes are whole numbers >= 0",
    error: "RangeError",
  }],

  Smallest: [
    { inputs: [float(2, 3)], attrs: { k: 4 }, why: "k is 4" },
    { inputs: [float(2, 3)], attrs: { k: 0 }, why: "k is 0" },
    { inputs: [float()], attrs: { k: 1 }, why: "k is 1" },
    { inputs: [typed("int64", 3)], attrs: { k: 1 }, why: "operands must be floats" },
  ],
  PermuteRows: [
    { inputs: [float(2, 3), typed("int64", 2, 3)], attrs },
    { inputs: [float(2, 3, 4), typed("int64", 2, 4)], attrs },
    { inputs: [float(2, 3, 4), float(2, 3)], attrs },
  ].map((row) => ({ ...row, why: "expected [B, N, D], int64 [B, N]" })),
  Gather: [
    { inputs: [float(2, 3, 4), typed("int64", 2)], attrs },
    { inputs: [float(2, 3), float(2)], attrs },
  ].map((row) => ({ ...row, why: "expected [N, D] and int64 ids" })),

  Part: [{ inputs: [float(2)], attrs: { index: 1 }, why: "Input has no output 1" }],

  MultiHeadAttention: [
    [float(2, 3, 4), float(2, 5, 4), float(2, 3, 4)],
    [float(2, 3, 4), float(2, 5, 6), float(2, 5, 6)],
    [float(2, 3, 4), float(1, 3, 4), float(1, 3, 4)],
    [float(2, 3, 5), float(2, 3, 5), float(2, 3, 5)],
    [float(3, 4), float(3, 4), float(3, 4)],
  ].map((inputs) => ({
    inputs,
    attrs: { heads: 2, scale: 1 },
    why: "expected [B, N, D] with D divisible by 2 heads",
  })),
  BiasGelu: [
    { inputs: [float(2, 3), float(2)], attrs, why: "expected [..., D] and [D]" },
    { inputs: [float(2, 3), float(1, 3)], attrs, why: "expected [..., D] and [D]" },
    { inputs: [float(), float()], attrs, why: "expected [..., D] and [D]" },
    { inputs: [float(2), typed("float64", 2)], attrs, why: "operands must share one dtype" },
  ],
};

for (const op of OPS) {
  REJECTIONS[op]?.forEach(({ inputs, attrs, why, error }) => {
    const operands = inputs.map((x) => `${x.dtype}[${x.shape.join(", ")}]`).join(", ");
    const message = `Cannot apply ${op} to ${operands || "nothing"}: ${why}`;
    Deno.test(`apply() rejects: ${message}`, () => {
      const refused = () => apply(op, inputs as Ops[Op]["inputs"], attrs as Ops[Op]["attrs"]);
      assert.throws(refused, { name: error ?? "TypeError", message });
    });
  });
}

Deno.test("apply() makes a value whose type is its first output's", () => {
  for (const op of OPS) {
    CASES[op].forEach((_, i) => {
      const { value } = build(op, i, "float64");
      const [{ dtype, shape }] = value.outputs as [Value["outputs"][number]];
      assert.deepEqual([value.dtype, value.shape], [dtype, shape]);
    });
  }
});
