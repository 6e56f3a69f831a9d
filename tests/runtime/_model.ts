/** Tiny models for the runtime's tests, written field by field as in onnx.proto. */

import { type DType, DTYPES } from "../../lib/tensor/mod.ts";

type Field = readonly [number: number, value: number | string | Uint8Array];

function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function message(...fields: readonly Field[]): Uint8Array {
  const parts = fields.map(([number, value]) => {
    if (typeof value === "number") return Uint8Array.from([number << 3, ...varint(value)]);
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return concat([Uint8Array.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
  });
  return concat(parts);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** An input or output: name, element type, axes (a text is an axis of open size). */
export type ModelPort = readonly [name: string, dtype: DType, shape: readonly (number | string)[]];

/** A node: type, inputs, outputs. */
export type ModelNode = readonly [
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
];

/** `ModelProto` bytes, opset 21. */
export function model(
  graph: {
    inputs: readonly ModelPort[];
    outputs: readonly ModelPort[];
    nodes: readonly ModelNode[];
    constants?: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>;
  },
): Uint8Array {
  const port = ([name, dtype, shape]: ModelPort) => {
    const dims = shape.map((axis): Field => [1, message([typeof axis === "number" ? 1 : 2, axis])]);
    const tensor = message([1, DTYPES[dtype].onnx], [2, message(...dims)]);
    return message([1, name], [2, message([1, tensor])]);
  };
  const node = ([type, inputs, outputs]: ModelNode, i: number) =>
    message(
      ...inputs.map((name): Field => [1, name]),
      ...outputs.map((name): Field => [2, name]),
      [3, `${type.toLowerCase()}_${i}`],
      [4, type],
    );
  const constants = Object.entries(graph.constants ?? {}).map(([name, { shape, data }]) =>
    message(
      ...shape.map((axis): Field => [1, axis]),
      [2, DTYPES.float32.onnx],
      [8, name],
      [9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
    )
  );
  return message(
    [1, 10], // IR version
    [
      7,
      message(
        ...graph.nodes.map((row, i): Field => [1, node(row, i)]),
        [2, "graph"],
        ...constants.map((constant): Field => [5, constant]),
        ...graph.inputs.map((row): Field => [11, port(row)]),
        ...graph.outputs.map((row): Field => [12, port(row)]),
      ),
    ],
    [8, message([1, ""], [2, 21])],
  );
}

/** `sum = a + b` over two float32 vectors of `size` elements; a text is an open size. */
export function addModel(size: number | string = 2): Uint8Array {
  return model({
    inputs: [["a", "float32", [size]], ["b", "float32", [size]]],
    outputs: [["sum", "float32", [size]]],
    nodes: [["Add", ["a", "b"], ["sum"]]],
  });
}

/** `y = x @ w`, `depth` times, with a constant `w` of `size * size` elements. */
export function chainModel(size: number, depth: number): Uint8Array {
  const data = Float32Array.from({ length: size * size }, (_, i) => ((i % 7) - 3) / size);
  return model({
    inputs: [["x", "float32", [size, size]]],
    outputs: [[`x${depth}`, "float32", [size, size]]],
    nodes: Array.from(
      { length: depth },
      (_, i): ModelNode => ["MatMul", [i === 0 ? "x" : `x${i}`, "w"], [`x${i + 1}`]],
    ),
    constants: { w: { shape: [size, size], data } },
  });
}

/** Float32 values for {@linkcode Session.run}; a vector unless `shape` says otherwise. */
export function floats(values: readonly number[], shape: readonly number[] = [values.length]) {
  return { dtype: "float32" as const, shape, data: Float32Array.from(values) };
}
