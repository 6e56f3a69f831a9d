/** Weights of products as 8-bit whole numbers. */
import type { Message } from "../onnx/mod.ts";
import { arrayOver, DTYPES } from "../tensor/mod.ts";

/** `TensorProto.INT8`. */
const INT8 = 3;
/** Largest whole number that is used: symmetric, so that zero stays zero without an offset. */
const LARGEST = 127;

/**
 * The graph with the weight `[K, N]` of every product as int8 and a scale for each of its N columns, which
 * `DequantizeLinear` turns back into float32. What is multiplied, added and normalised stays float32, so that an image's result
 * does not depend on the others of its batch.
 */
export function quantizeWeights(graph: Message<"Graph">): Message<"Graph"> {
  const constants = new Map((graph.initializer ?? []).map((tensor) => [tensor.name!, tensor]));
  const weights = new Set((graph.node ?? []).flatMap(({ opType, input = [] }) => {
    const weight = constants.get(input[1]!);
    const isWeight = opType === "MatMul" && weight?.dims?.length === 2 &&
      weight.dataType === DTYPES.float32.onnx;
    return isWeight ? [weight] : [];
  }));
  const node = [...weights].map(({ name }): Message<"Node"> => ({
    name: `${graph.name}/${name}/DequantizeLinear`,
    opType: "DequantizeLinear",
    domain: "",
    input: [`${name}.int8`, `${name}.scale`],
    output: [name!],
    attribute: [{ name: "axis", i: 1, type: 2 }],
  }));
  return {
    ...graph,
    node: [...node, ...graph.node ?? []],
    initializer: (graph.initializer ?? []).flatMap((tensor) => {
      return weights.has(tensor) ? quantized(tensor) : [tensor];
    }),
    valueInfo: [
      ...graph.valueInfo ?? [],
      ...[...weights].map(({ name, dims }): Message<"ValueInfo"> => {
        const dim = dims!.map((dimValue) => ({ dimValue }));
        return {
          name: name!,
          type: { tensorType: { elemType: DTYPES.float32.onnx, shape: { dim } } },
        };
      }),
    ],
  };
}

/** Whole numbers and scales: the largest of each column becomes 127. */
function quantized({ name, dims, rawData }: Message<"Tensor">): Message<"Tensor">[] {
  const [rows, columns] = dims as [number, number];
  const elements = arrayOver("float32", rawData!.slice());
  const scales = new Float32Array(columns);
  elements.forEach((x, i) => scales[i % columns] = Math.max(scales[i % columns]!, Math.abs(x)));
  for (let n = 0; n < columns; n++) scales[n] = scales[n]! > 0 ? scales[n]! / LARGEST : 1;
  const whole = new Int8Array(rows * columns);
  elements.forEach((x, i) => whole[i] = Math.round(x / scales[i % columns]!));
  const bytes = (array: Int8Array | Float32Array) => new Uint8Array(array.buffer);
  return [
    { name: `${name}.int8`, dims: [rows, columns], dataType: INT8, rawData: bytes(whole) },
    {
      name: `${name}.scale`,
      dims: [columns],
      dataType: DTYPES.float32.onnx,
      rawData: bytes(scales),
    },
  ];
}
