/** Shape and element type of every op's outputs; where an op is applied, its operands are checked here. */
import {
  axisOf,
  broadcastShapes,
  checkShape,
  type DType,
  DTYPES,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
} from "../tensor/mod.ts";
import type { Op, Ops } from "./ops.ts";
import type { TensorType, Value } from "./value.ts";

type TypeRule<K extends Op> = (
  inputs: Ops[K]["inputs"],
  attrs: Ops[K]["attrs"],
) => readonly TensorType[];

function fail(op: Op, inputs: readonly Value[], why: string): never {
  const operands = inputs.map((x) => `${x.dtype}${showShape(x.shape)}`).join(", ");
  throw new TypeError(`Cannot apply ${op} to ${operands || "nothing"}: ${why}`);
}

function needFloat(op: Op, ...inputs: readonly Value[]): void {
  if (!inputs.every((x) => DTYPES[x.dtype].float)) fail(op, inputs, "operands must be floats");
}

function needSameType(op: Op, ...inputs: readonly Value[]): DType {
  const dtype = inputs[0]!.dtype;
  if (!inputs.every((x) => x.dtype === dtype)) fail(op, inputs, "operands must share one dtype");
  return dtype;
}

const same = (op: Op) => ([x]: readonly [Value]) => {
  needFloat(op, x);
  return [{ dtype: x.dtype, shape: x.shape }];
};

const broadcast = (op: Op, result?: DType) => ([a, b]: readonly [Value, Value]) => {
  const dtype = needSameType(op, a, b);
  return [{ dtype: result ?? dtype, shape: broadcastShapes(a.shape, b.shape) }];
};

const reduce = (op: Op) =>
(
  [x]: readonly [Value],
  attrs: { readonly axes: readonly number[]; readonly keepDims: boolean },
) => {
  const reduced = new Set(attrs.axes.map((axis) => axisOf(x.shape, axis)));
  if (reduced.size !== attrs.axes.length || reduced.size === 0) {
    fail(op, [x], `axes [${attrs.axes}] must be distinct and at least one`);
  }
  const shape = attrs.keepDims
    ? x.shape.map((n, i) => reduced.has(i) ? 1 : n)
    : x.shape.filter((_, i) => !reduced.has(i));
  return [{ dtype: x.dtype, shape }];
};

function resized(x: Value, axis: number, size: number): TensorType {
  return { dtype: x.dtype, shape: x.shape.map((n, i) => i === axis ? size : n) };
}

function leaf(attrs: { readonly dtype: DType; readonly shape: Shape }): TensorType {
  return { dtype: attrs.dtype, shape: checkShape(attrs.shape) };
}

/** The table. Every rule throws a TypeError or RangeError that names the op and its operands. */
export const TYPE_RULES: { readonly [K in Op]: TypeRule<K> } = {
  Input: (_, attrs) => [leaf(attrs)],
  Constant: (inputs, attrs) => {
    const expected = sizeOf(attrs.shape) * DTYPES[attrs.dtype].bytes;
    if (attrs.bytes.byteLength !== expected) {
      fail("Constant", inputs, `${attrs.bytes.byteLength} bytes given, ${expected} needed`);
    }
    return [leaf(attrs)];
  },

  Neg: same("Neg"),
  Sqrt: same("Sqrt"),
  Exp: same("Exp"),
  Log: same("Log"),
  Erf: same("Erf"),
  Floor: same("Floor"),
  Abs: same("Abs"),
  Relu: same("Relu"),
  Gelu: same("Gelu"),
  Cast: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  StopGradient: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  Add: broadcast("Add"),
  Sub: broadcast("Sub"),
  Mul: broadcast("Mul"),
  Div: broadcast("Div"),
  Min: broadcast("Min"),
  Max: broadcast("Max"),
  Less: broadcast("Less", "bool"),
  Equal: broadcast("Equal", "bool"),
  And: broadcast("And", "bool"),
  Where: (inputs) => {
    const [condition, a, b] = inputs;
    if (condition.dtype !== "bool") fail("Where", inputs, "the condition must be bool");
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
    return [{ dtype: needSameType("Where", a, b), shape }];
  },

  MatMul: (inputs, { transA, transB }) => {
    const [a, b] = inputs;
    needFloat("MatMul", a, b);
    const dtype = needSameType("MatMul", a, b);
    if (a.shape.length < 2 || b.shape.length < 2) fail("MatMul", inputs, "operands need two axes");
    const [m, k] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
    const [kB, n] = transB
      ? [b.shape.at(-1)!, b.shape.at(-2)!]
      : [b.shape.at(-2)!, b.shape.at(-1)!];
    if (k !== kB) fail("MatMul", inputs, `inner sizes ${k} and ${kB} differ`);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ dtype, shape: [...batch, m, n] }];
  },

  ReduceSum: reduce("ReduceSum"),
  ReduceMax: reduce("ReduceMax"),
  Softmax: same("Softmax"),
  LogSoftmax: same("LogSoftmax"),
  LayerNormalization: (inputs) => {
    const [x, scale, bias] = inputs;
    needFloat("LayerNormalization", x);
    const dtype = needSameType("LayerNormalization", ...inputs);
    const width = x.shape.slice(-1);
    if (!sameShape(scale.shape, width) || !sameShape(bias.shape, width)) {
      fail("LayerNormalization", inputs, `scale and bias must be ${showShape(width)}`);
    }
    const row = { dtype, shape: [...x.shape.slice(0, -1), 1] };
    return [{ dtype, shape: x.shape }, row, row];
  },

  Reshape: ([x], { shape }) => {
    if (sizeOf(checkShape(shape)) !== sizeOf(x.shape)) {
      fail("Reshape", [x], `${showShape(shape)} has another number of elements`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  Transpose: ([x], { perm }) => {
    if (!sameShape(perm.toSorted((a, b) => a - b), x.shape.map((_, i) => i))) {
      fail("Transpose", [x], `[${perm}] is no permutation of its axes`);
    }
    return [{ dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]!) }];
  },
  Expand: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x.shape, shape), shape)) {
      fail("Expand", [x], `it does not broadcast to ${showShape(shape)}`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  Concat: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    const at = axisOf(first.shape, axis);
    const fits = (x: Value) => sameShape(resized(x, at, 0).shape, resized(first, at, 0).shape);
    if (!rest.every(fits)) fail("Concat", inputs, `shapes may differ along axis ${at} only`);
    needSameType("Concat", ...inputs);
    return [resized(first, at, inputs.reduce((sum, x) => sum + x.shape[at]!, 0))];
  },
  Split: ([x], { axis, sizes }) => {
    const at = axisOf(x.shape, axis);
    if (sizes.reduce((sum, n) => sum + n, 0) !== x.shape[at]) {
      fail("Split", [x], `sizes [${sizes}] do not add up to axis ${at}`);
    }
    return sizes.map((size) => resized(x, at, size));
  },
  Slice: ([x], { axis, start, end }) => {
    const at = axisOf(x.shape, axis);
    if (!(0 <= start && start <= end && end <= x.shape[at]!)) {
      fail("Slice", [x], `${start}..${end} is not within axis ${at}`);
    }
    return [resized(x, at, end - start)];
  },
  Pad: ([x], { axis, before, after }) => {
    const at = axisOf(x.shape, axis);
    return [resized(x, at, checkShape([before, x.shape[at]!, after]).reduce((a, b) => a + b))];
  },

  Smallest: ([x], { k }) => {
    needFloat("Smallest", x);
    if (!(k >= 1 && k <= (x.shape.at(-1) ?? 0))) fail("Smallest", [x], `k is ${k}`);
    const shape = [...x.shape.slice(0, -1), k];
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  PermuteRows: (inputs) => {
    const [x, order] = inputs;
    const fits = order.dtype === "int64" && sameShape(order.shape, x.shape.slice(0, 2));
    if (x.shape.length !== 3 || !fits) {
      fail("PermuteRows", inputs, "expected [B, N, D], int64 [B, N]");
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  Gather: (inputs) => {
    const [table, ids] = inputs;
    if (table.shape.length !== 2 || ids.dtype !== "int64") {
      fail("Gather", inputs, "expected [N, D] and int64 ids");
    }
    return [{ dtype: table.dtype, shape: [...ids.shape, table.shape[1]!] }];
  },

  Part: ([x], { index }) => {
    const output = x.outputs[index];
    if (output === undefined) fail("Part", [x], `${x.op} has no output ${index}`);
    return [output];
  },

  MultiHeadAttention: (inputs, { heads }) => {
    const [q, k, v] = inputs;
    const dtype = needSameType("MultiHeadAttention", ...inputs);
    const [batch, , width] = q.shape;
    const fits = (x: Value) => x.shape.length === 3 && x.shape[0] === batch && x.shape[2] === width;
    if (!inputs.every(fits) || !sameShape(k.shape, v.shape) || width! % heads !== 0) {
      fail("MultiHeadAttention", inputs, `expected [B, N, D] with D divisible by ${heads} heads`);
    }
    return [{ dtype, shape: q.shape }];
  },
};

/**
 * Applies `op` to `inputs`.
 *
 * @throws {TypeError} if shapes or dtypes do not fit, so that a graph that does not fit cannot be built.
 */
export function apply<K extends Op>(
  op: K,
  inputs: Ops[K]["inputs"],
  attrs: Ops[K]["attrs"],
): Value<K> {
  const outputs = TYPE_RULES[op](inputs, attrs);
  const { dtype, shape } = outputs[0]!;
  return { op, inputs, attrs, outputs, dtype, shape };
}
