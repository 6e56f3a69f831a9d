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
import { openScope } from "./scope.ts";
import type { TensorType, Value } from "./value.ts";

type TypeRule<K extends Op> = (
  inputs: Ops[K]["inputs"],
  attrs: Ops[K]["attrs"],
) => readonly TensorType[];

function fail(why: string): never {
  throw new TypeError(why);
}

function needFloat(...inputs: readonly Value[]): void {
  if (!inputs.every((x) => DTYPES[x.dtype].float)) fail("operands must be floats");
}

function needSameType(...inputs: readonly Value[]): DType {
  const dtype = inputs[0]!.dtype;
  if (!inputs.every((x) => x.dtype === dtype)) fail("operands must share one dtype");
  return dtype;
}

const same = ([x]: readonly [Value]) => {
  needFloat(x);
  return [{ dtype: x.dtype, shape: x.shape }];
};

const broadcast = (of: "numbers" | "flags" | "both", result?: DType) =>
(
  [a, b]: readonly [Value, Value],
) => {
  const dtype = needSameType(a, b);
  if (of !== "both" && (dtype === "bool") !== (of === "flags")) {
    fail(`operands must be ${of === "flags" ? "bool" : "numbers"}`);
  }
  return [{ dtype: result ?? dtype, shape: broadcastShapes(a.shape, b.shape) }];
};

const reduce = (
  [x]: readonly [Value],
  attrs: { readonly axes: readonly number[]; readonly keepDims: boolean },
) => {
  const reduced = new Set(attrs.axes.map((axis) => axisOf(x.shape, axis)));
  if (reduced.size !== attrs.axes.length || reduced.size === 0) {
    fail(`axes [${attrs.axes}] must be distinct and at least one`);
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

/** The table. A rule throws a TypeError or RangeError that says why; {@linkcode apply} says what did not fit. */
const TYPE_RULES: { readonly [K in Op]: TypeRule<K> } = {
  Input: (_, attrs) => [leaf(attrs)],
  Constant: (_, attrs) => {
    const expected = sizeOf(attrs.shape) * DTYPES[attrs.dtype].bytes;
    if (attrs.bytes.byteLength !== expected) {
      fail(`${attrs.bytes.byteLength} bytes given, ${expected} needed`);
    }
    return [leaf(attrs)];
  },

  Neg: same,
  Sqrt: same,
  Exp: same,
  Log: same,
  Erf: same,
  Floor: same,
  Abs: same,
  Relu: same,
  Gelu: same,
  Cast: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  StopGradient: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  Segment: ([y]) => [{ dtype: y.dtype, shape: y.shape }],
  Add: broadcast("numbers"),
  Sub: broadcast("numbers"),
  Mul: broadcast("numbers"),
  Div: broadcast("numbers"),
  Min: broadcast("numbers"),
  Max: broadcast("numbers"),
  Less: broadcast("numbers", "bool"),
  Equal: broadcast("both", "bool"),
  And: broadcast("flags"),
  Where: (inputs) => {
    const [condition, a, b] = inputs;
    if (condition.dtype !== "bool") fail("the condition must be bool");
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
    return [{ dtype: needSameType(a, b), shape }];
  },

  MatMul: (inputs, { transA, transB }) => {
    const [a, b] = inputs;
    needFloat(a, b);
    const dtype = needSameType(a, b);
    if (a.shape.length < 2 || b.shape.length < 2) fail("operands need two axes");
    const [m, k] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
    const [kB, n] = transB
      ? [b.shape.at(-1)!, b.shape.at(-2)!]
      : [b.shape.at(-2)!, b.shape.at(-1)!];
    if (k !== kB) fail(`inner sizes ${k} and ${kB} differ`);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ dtype, shape: [...batch, m, n] }];
  },

  ReduceSum: reduce,
  ReduceMax: reduce,
  Softmax: same,
  LogSoftmax: same,
  LayerNormalization: (inputs) => {
    const [x, scale, bias] = inputs;
    needFloat(x);
    const dtype = needSameType(...inputs);
    const width = x.shape.slice(-1);
    if (!sameShape(scale.shape, width) || !sameShape(bias.shape, width)) {
      fail(`scale and bias must be ${showShape(width)}`);
    }
    const row = { dtype, shape: [...x.shape.slice(0, -1), 1] };
    return [{ dtype, shape: x.shape }, row, row];
  },

  Reshape: ([x], { shape }) => {
    if (sizeOf(checkShape(shape)) !== sizeOf(x.shape)) {
      fail(`${showShape(shape)} has another number of elements`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  Transpose: ([x], { perm }) => {
    if (!sameShape(perm.toSorted((a, b) => a - b), x.shape.map((_, i) => i))) {
      fail(`[${perm}] is no permutation of its axes`);
    }
    return [{ dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]!) }];
  },
  Expand: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x.shape, shape), shape)) {
      fail(`it does not broadcast to ${showShape(shape)}`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  Concat: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    const at = axisOf(first.shape, axis);
    const fits = (x: Value) => sameShape(resized(x, at, 0).shape, resized(first, at, 0).shape);
    if (!rest.every(fits)) fail(`shapes may differ along axis ${at} only`);
    needSameType(...inputs);
    return [resized(first, at, inputs.reduce((sum, x) => sum + x.shape[at]!, 0))];
  },
  Split: ([x], { axis, sizes }) => {
    const at = axisOf(x.shape, axis);
    if (checkShape(sizes).reduce((sum, n) => sum + n, 0) !== x.shape[at]) {
      fail(`sizes [${sizes}] do not add up to axis ${at}`);
    }
    return sizes.map((size) => resized(x, at, size));
  },
  Slice: ([x], { axis, start, end }) => {
    const at = axisOf(x.shape, axis);
    if (!(0 <= start && start <= end && end <= x.shape[at]!)) {
      fail(`${start}..${end} is not within axis ${at}`);
    }
    return [resized(x, at, end - start)];
  },
  Pad: ([x], { axis, before, after }) => {
    const at = axisOf(x.shape, axis);
    return [resized(x, at, checkShape([before, x.shape[at]!, after]).reduce((a, b) => a + b))];
  },

  Smallest: ([x], { k }) => {
    needFloat(x);
    if (!(k >= 1 && k <= (x.shape.at(-1) ?? 0))) fail(`k is ${k}`);
    const shape = [...x.shape.slice(0, -1), k];
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  PermuteRows: (inputs) => {
    const [x, order] = inputs;
    const fits = order.dtype === "int64" && sameShape(order.shape, x.shape.slice(0, 2));
    if (x.shape.length !== 3 || !fits) {
      fail("expected [B, N, D], int64 [B, N]");
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  Gather: (inputs) => {
    const [table, ids] = inputs;
    if (table.shape.length !== 2 || ids.dtype !== "int64") {
      fail("expected [N, D] and int64 ids");
    }
    return [{ dtype: table.dtype, shape: [...ids.shape, table.shape[1]!] }];
  },

  Part: ([x], { index }) => {
    const output = x.outputs[index];
    if (output === undefined) fail(`${x.op} has no output ${index}`);
    return [output];
  },

  MultiHeadAttention: (inputs, { heads }) => {
    const [q, k, v] = inputs;
    const dtype = needSameType(...inputs);
    const [batch, , width] = q.shape;
    const fits = (x: Value) => x.shape.length === 3 && x.shape[0] === batch && x.shape[2] === width;
    if (!inputs.every(fits) || !sameShape(k.shape, v.shape) || width! % heads !== 0) {
      fail(`expected [B, N, D] with D divisible by ${heads} heads`);
    }
    return [{ dtype, shape: q.shape }];
  },
  BiasGelu: ([x, bias]) => {
    needFloat(x);
    const dtype = needSameType(x, bias);
    if (x.shape.length === 0 || !sameShape(bias.shape, [x.shape.at(-1)!])) {
      fail("expected [..., D] and [D]");
    }
    return [{ dtype, shape: x.shape }];
  },
};

/**
 * Applies `op` to `inputs`.
 *
 * @throws {TypeError} if shapes or dtypes do not fit, so that a graph that does not fit cannot be built.
 * @throws {RangeError} if an axis is not there, or a size is no whole number >= 0.
 *
 * @example
 * ```ts
 * import { apply, input } from "./mod.ts";
 *
 * const y = apply("Neg", [input("x", "float32", [4])], {});
 * console.assert(String(y.shape) === "4");
 * ```
 */
export function apply<K extends Op>(
  op: K,
  inputs: Ops[K]["inputs"],
  attrs: Ops[K]["attrs"],
): Value<K> {
  const outputs = outputTypes(op, inputs, attrs);
  const { dtype, shape } = outputs[0]!;
  return { op, inputs, attrs, outputs, dtype, shape, scope: openScope() };
}

/** The rule's answer, or its error with the op and the operands in the message. */
function outputTypes<K extends Op>(
  op: K,
  inputs: Ops[K]["inputs"],
  attrs: Ops[K]["attrs"],
): readonly TensorType[] {
  try {
    return TYPE_RULES[op](inputs, attrs);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const operands = inputs.map((x) => `${x.dtype}${showShape(x.shape)}`).join(", ");
    const message = `Cannot apply ${op} to ${operands || "nothing"}: ${error.message}`;
    const Kind = error instanceof RangeError ? RangeError : TypeError;
    throw new Kind(message, { cause: error });
  }
}
