/** Weights as the products read them: what only moves or casts a weight is done once, when the model is written. */
import type { Message } from "../onnx/mod.ts";
import { arrayOver, dtypeOfOnnx, DTYPES, type Shape, sizeOf } from "../tensor/mod.ts";
import { aligned } from "./weights.ts";

type Tensor = Message<"Tensor">;
type Node = Message<"Node">;

/** What a node makes of a stored tensor: dimensions, type and bytes. */
type Made = Pick<Tensor, "dims" | "dataType" | "rawData">;

/** Ops that can be done beforehand; a rule gets the first operand and the constants that the others are. */
const RULES: Readonly<Record<string, (node: Node, x: Tensor, rest: readonly Tensor[]) => Made>> = {
  Transpose: (node, x) => {
    const perm = node.attribute!.find(({ name }) => name === "perm")!.ints!;
    return { ...x, dims: perm.map((axis) => x.dims![axis]!), rawData: permuted(x, perm) };
  },
  Reshape: (_, x, [shape]) => {
    const dims = Array.from(new BigInt64Array(shape!.rawData!.slice().buffer), Number);
    return { ...x, dims };
  },
  Cast: (node, x) => {
    const to = node.attribute!.find(({ name }) => name === "to")!.i!;
    const elements = arrayOver("float32", aligned(x.rawData!));
    return { ...x, dataType: to, rawData: new Uint8Array(new Float16Array(elements).buffer) };
  },
};

/**
 * The graph without the nodes whose operands are all constants, as far as they move elements or cast float32 to float16; their
 * results are constants instead, named after what they were made of. Constants that nobody reads any more are gone, and so are
 * the last outputs of nodes that nobody reads.
 */
export function foldConstants(graph: Message<"Graph">): Message<"Graph"> {
  const constants = new Map((graph.initializer ?? []).map((tensor) => [tensor.name!, tensor]));
  /** What results of folded nodes are called now. */
  const renamed = new Map<string, string>();
  const nodes = (graph.node ?? []).flatMap((old) => {
    const node = { ...old, input: (old.input ?? []).map((name) => renamed.get(name) ?? name) };
    const operands = node.input.map((name) => constants.get(name));
    if (!canFold(node, operands)) return [node];
    const [x, ...rest] = operands as [Tensor, ...Tensor[]];
    const name = `${x.name}/${node.opType}`;
    constants.set(name, { ...RULES[node.opType!]!(node, x, rest), name });
    renamed.set(node.output![0]!, name);
    return [];
  });
  const outputs = (graph.output ?? []).map(({ name }) => name!);
  const read = new Set([...nodes.flatMap(({ input }) => input), ...outputs]);
  const node = nodes.map(({ output = [], ...rest }) => {
    return { ...rest, output: output.slice(0, output.findLastIndex((name) => read.has(name)) + 1) };
  });
  const made = new Set(node.flatMap(({ output }) => output));
  const initializer = [...constants.values()].filter(({ name }) => read.has(name!));
  const valueInfo = (graph.valueInfo ?? []).filter(({ name }) => made.has(name!));
  return { ...graph, node, initializer, valueInfo };
}

function canFold(
  { opType, attribute = [] }: Node,
  operands: readonly (Tensor | undefined)[],
): boolean {
  if (!(opType! in RULES) || operands.some((x) => x === undefined)) return false;
  if (opType !== "Cast") return true;
  const to = attribute.find(({ name }) => name === "to")!.i!;
  return operands[0]!.dataType === DTYPES.float32.onnx && to === DTYPES.float16.onnx;
}

/** The elements with axis i of the result being axis `perm[i]` of the tensor. */
function permuted({ dims = [], dataType, rawData }: Tensor, perm: readonly number[]): Uint8Array {
  const shape: Shape = dims;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const [sizes, steps] = [perm.map((axis) => shape[axis]!), perm.map((axis) => strides[axis]!)];
  const dtype = dtypeOfOnnx(dataType!);
  const source = arrayOver(dtype, aligned(rawData!)) as Float32Array;
  const result = new Uint8Array(rawData!.byteLength);
  const target = arrayOver(dtype, result) as Float32Array;
  const inner = sizes.at(-1) ?? 1, innerStep = steps.at(-1) ?? 0;
  const place = new Array<number>(Math.max(0, sizes.length - 1)).fill(0);
  for (let to = 0, from = 0; to < target.length;) {
    for (let i = 0, at = from; i < inner; i++, at += innerStep) target[to++] = source[at]!;
    for (let axis = place.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}
