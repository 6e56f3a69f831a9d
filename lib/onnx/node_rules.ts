/** How every op is written as ONNX nodes: a table keyed by op. */
import type { DType } from "../tensor/mod.ts";
import type { Op, Value } from "../graph/mod.ts";

/** Attributes of a node; a list is a list of whole numbers. */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** What a rule may write with. */
export interface NodeWriter {
  /** Name of an operand's tensor. */
  readonly name: (value: Value) => string;
  /** Names of the value's own outputs. */
  readonly outputs: readonly string[];
  /** Writes one node; without `outputs` it makes one intermediate tensor and returns its name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes?: Attributes,
    outputs?: readonly string[],
  ): string;
  /** A constant tensor of whole numbers (int64, one axis), as ONNX wants shapes and axes. */
  ints(values: readonly number[]): string;
  /** A scalar constant. */
  scalar(value: number, dtype: DType): string;
}

/** Writes the nodes of one value. */
export type NodeRule<K extends Op> = (value: Value<K>, writer: NodeWriter) => void;

/** Ops of ONNX Runtime's own domain. */
export const MICROSOFT_OPS: ReadonlySet<string> = new Set([
  "FusedMatMul",
  "MultiHeadAttention",
  "BiasGelu",
]);

/** One node of the same name, without attributes. */
const plain = (value: Value, { name, node, outputs }: NodeWriter) =>
  void node(value.op, value.inputs.map(name), {}, outputs);

const lastAxis = (value: Value, { name, node, outputs }: NodeWriter) =>
  void node(value.op, value.inputs.map(name), { axis: -1 }, outputs);

const reduction = (value: Value<"ReduceSum"> | Value<"ReduceMax">, writer: NodeWriter) => {
  const { axes, keepDims } = value.attrs;
  const inputs = [writer.name(value.inputs[0]), writer.ints(axes)];
  writer.node(value.op, inputs, { keepdims: keepDims ? 1 : 0 }, writer.outputs);
};

/** Swaps the last two axes. */
function swapped(x: Value, { name, node }: NodeWriter): string {
  const perm = x.shape.map((_, i) => i);
  perm.push(...perm.splice(-2).reverse());
  return node("Transpose", [name(x)], { perm });
}

/** LayerNormalization in primitives: the op itself gives the statistics of float64 operands in float32. */
function layerNormalization64(value: Value<"LayerNormalization">, writer: NodeWriter): void {
  const { name, node, ints, scalar, outputs: [y, mean, inverse] } = writer;
  const [x, scale, bias] = value.inputs.map(name) as [string, string, string];
  const last = ints([-1]);
  node("ReduceMean", [x, last], { keepdims: 1 }, [mean!]);
  const centred = node("Sub", [x, mean!]);
  const variance = node("ReduceMean", [node("Mul", [centred, centred]), last], { keepdims: 1 });
  const shifted = node("Add", [variance, scalar(value.attrs.epsilon, "float64")]);
  node("Reciprocal", [node("Sqrt", [shifted])], {}, [inverse!]);
  const scaled = node("Mul", [node("Mul", [centred, inverse!]), scale]);
  node("Add", [scaled, bias], {}, [y!]);
}

/** The table. `null`: the value has no node of its own. */
export const NODE_RULES: { readonly [K in Op]: NodeRule<K> | null } = {
  Input: null,
  Constant: null,

  Neg: plain,
  Sqrt: plain,
  Exp: plain,
  Log: plain,
  Erf: plain,
  Floor: plain,
  Abs: plain,
  Relu: plain,
  Gelu: plain,
  Cast: (value, { name, node, outputs }) => {
    node("Cast", value.inputs.map(name), { to: value.outputs[0]!.dtype }, outputs);
  },
  StopGradient: null,
  Segment: null,
  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Min: plain,
  Max: plain,
  Less: plain,
  Equal: plain,
  And: plain,
  Where: plain,

  MatMul: (value, writer) => {
    const { inputs: [a, b], attrs: { transA, transB, alpha } } = value;
    const { name, node, outputs } = writer;
    if (!transA && !transB && alpha === 1) {
      node("MatMul", [name(a), name(b)], {}, outputs);
    } else if (value.dtype !== "float64") {
      const attributes = { transA: Number(transA), transB: Number(transB), alpha };
      node("FusedMatMul", [name(a), name(b)], attributes, outputs);
    } else {
      // FusedMatMul has no float64 kernel
      const operands = [
        transA ? swapped(a, writer) : name(a),
        transB ? swapped(b, writer) : name(b),
      ];
      const product = node("MatMul", operands, {}, alpha === 1 ? outputs : undefined);
      if (alpha !== 1) node("Mul", [product, writer.scalar(alpha, "float64")], {}, outputs);
    }
  },

  ReduceSum: reduction,
  ReduceMax: reduction,
  Softmax: lastAxis,
  LogSoftmax: lastAxis,
  LayerNormalization: (value, writer) => {
    const { name, node, outputs } = writer;
    const attributes = { axis: -1, epsilon: value.attrs.epsilon };
    if (value.dtype === "float64") layerNormalization64(value, writer);
    else node("LayerNormalization", value.inputs.map(name), attributes, outputs);
  },

  Reshape: (value, { name, node, ints, outputs }) => {
    node("Reshape", [name(value.inputs[0]), ints(value.attrs.shape)], {}, outputs);
  },
  Transpose: (value, { name, node, outputs }) => {
    node("Transpose", value.inputs.map(name), { perm: value.attrs.perm }, outputs);
  },
  Expand: (value, { name, node, ints, outputs }) => {
    node("Expand", [name(value.inputs[0]), ints(value.attrs.shape)], {}, outputs);
  },
  Concat: (value, { name, node, outputs }) => {
    node("Concat", value.inputs.map(name), { axis: value.attrs.axis }, outputs);
  },
  Split: ({ inputs: [x], attrs: { axis, sizes } }, { name, node, ints, outputs }) => {
    node("Split", [name(x), ints(sizes)], { axis }, outputs);
  },
  Slice: ({ inputs: [x], attrs: { axis, start, end } }, { name, node, ints, outputs }) => {
    node("Slice", [name(x), ints([start]), ints([end]), ints([axis])], {}, outputs);
  },
  Pad: ({ inputs: [x], attrs: { axis, before, after } }, writer) => {
    const { name, node, ints, outputs } = writer;
    // Left out, the value to pad with is zero of any type
    node("Pad", [name(x), ints([before, after]), "", ints([axis])], {}, outputs);
  },

  Smallest: ({ inputs: [x], attrs: { k } }, { name, node, ints, outputs }) => {
    node("TopK", [name(x), ints([k])], { axis: -1, largest: 0, sorted: 1 }, outputs);
  },
  PermuteRows: ({ inputs: [x, order] }, { name, node, ints, outputs }) => {
    const rows = node("Reshape", [name(order), ints([...order.shape, 1])]);
    node("GatherND", [name(x), rows], { batch_dims: 1 }, outputs);
  },

  Gather: (value, { name, node, outputs }) => {
    node("Gather", value.inputs.map(name), { axis: 0 }, outputs);
  },

  Part: null,

  MultiHeadAttention: (value, { name, node, outputs }) => {
    const { heads, scale } = value.attrs;
    node("MultiHeadAttention", value.inputs.map(name), { num_heads: heads, scale }, outputs);
  },
  BiasGelu: plain,
};
