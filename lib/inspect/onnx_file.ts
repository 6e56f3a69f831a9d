/** What an ONNX model is, without reading its weights. */
import { decode, type Message } from "../onnx/mod.ts";
import { DTYPES, type Shape, sizeOf } from "../tensor/mod.ts";
import { FileBytes } from "./file_bytes.ts";
import { type Field, fields, integer, text } from "./protobuf_fields.ts";

/** An input or an output. */
export interface OnnxPort {
  readonly name: string;
  /** Name of the element type, or its ONNX number where the project has no name. */
  readonly dtype: string;
  /** A name stands for an axis that is open. */
  readonly shape: readonly (number | string)[];
}

/** What the model says. */
export interface OnnxInspection {
  readonly kind: "onnx";
  readonly path: string;
  readonly bytes: number;
  readonly producer: string;
  readonly irVersion: number;
  /** Domain -> version; "" is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly name: string;
  readonly description: string;
  /** The model's own notes. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** Op -> how many nodes, the most frequent first. */
  readonly ops: Readonly<Record<string, number>>;
  readonly nodes: number;
  readonly initializers: number;
  /** Elements of all initializers. */
  readonly parameters: number;
  /** Files beside it that hold weights. */
  readonly externalFiles: readonly string[];
}

/** Longest message that is decoded as a whole; weights are longer and skipped. */
const LARGEST = 1 << 22;

/** Reads a model's outline. @throws {SyntaxError} if it is no ONNX model. */
export function inspectOnnx(path: string): OnnxInspection {
  using file = new FileBytes(path);
  const model = new Map<number, Field[]>();
  for (const field of fields(file, 0, file.size)) {
    model.set(field.number, [...model.get(field.number) ?? [], field]);
  }
  const one = (number: number) => model.get(number)?.at(-1);
  const graph = one(7);
  if (graph === undefined || graph.wire !== 2 || one(1) === undefined) {
    throw new SyntaxError("Cannot read as ONNX: it holds no graph");
  }
  const message = <N extends "OperatorSetId" | "StringStringEntry">(name: N, number: number) =>
    (model.get(number) ?? []).map((field) => decode(name, bytesOf(file, field)));
  const say = (number: number) => {
    const field = one(number);
    return field === undefined ? "" : text(file, field);
  };
  return {
    kind: "onnx",
    path,
    bytes: file.size,
    producer: [say(2), say(3)].filter(Boolean).join(" "),
    irVersion: integer(one(1)),
    opsets: Object.fromEntries(
      message("OperatorSetId", 8).map(({ domain = "", version = 0 }) => [domain, version]),
    ),
    description: say(6),
    metadata: Object.fromEntries(
      message("StringStringEntry", 14).map(({ key = "", value = "" }) => [key, value]),
    ),
    ...inspectGraph(file, graph),
  };
}

/** What the graph holds. */
function inspectGraph(file: FileBytes, graph: Field) {
  const ops = new Map<string, number>();
  const ports = { 11: [] as OnnxPort[], 12: [] as OnnxPort[] };
  const external = new Set<string>();
  const weights = new Set<string>();
  let [name, initializers, parameters] = ["", 0, 0];
  for (const field of fields(file, graph.start, graph.end)) {
    switch (field.number) {
      case 1: {
        const op = opOf(file, field);
        ops.set(op, (ops.get(op) ?? 0) + 1);
        break;
      }
      case 2:
        name = text(file, field);
        break;
      case 5: {
        const weight = inspectWeight(file, field);
        initializers++;
        parameters += sizeOf(weight.shape);
        weights.add(weight.name);
        if (weight.location !== null) external.add(weight.location);
        break;
      }
      case 11:
      case 12:
        ports[field.number].push(portOf(decode("ValueInfo", bytesOf(file, field))));
    }
  }
  const byCount = [...ops].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return {
    name,
    inputs: ports[11].filter((port) => !weights.has(port.name)),
    outputs: ports[12],
    ops: Object.fromEntries(byCount),
    nodes: byCount.reduce((sum, [, count]) => sum + count, 0),
    initializers,
    parameters,
    externalFiles: [...external],
  };
}

/** Domain and type of a node's op. */
function opOf(file: FileBytes, node: Field): string {
  let [type, domain] = ["", ""];
  for (const field of fields(file, node.start, node.end)) {
    if (field.number === 4) type = text(file, field);
    if (field.number === 7) domain = text(file, field);
  }
  return domain === "" ? type : `${domain}.${type}`;
}

/** Name, shape and file of an initializer; its elements are passed over. */
function inspectWeight(
  file: FileBytes,
  tensor: Field,
): { name: string; shape: Shape; location: string | null } {
  let name = "";
  let location: string | null = null;
  const shape: number[] = [];
  for (const field of fields(file, tensor.start, tensor.end)) {
    if (field.number === 1) {
      if (field.wire === 0) shape.push(integer(field));
      else shape.push(...decode("Tensor", taggedDims(bytesOf(file, field))).dims ?? []);
    }
    if (field.number === 8) name = text(file, field);
    if (field.number === 13) {
      const { key, value } = decode("StringStringEntry", bytesOf(file, field));
      if (key === "location") location = value ?? "";
    }
  }
  return { name, shape, location };
}

/** Packed dims as the one field of a Tensor message. */
function taggedDims(packed: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = packed.length; length.push(rest > 127 ? (rest & 127) | 128 : rest), rest > 127;) {
    rest >>>= 7;
  }
  return Uint8Array.of(0x0a, ...length, ...packed);
}

function portOf({ name = "", type }: Message<"ValueInfo">): OnnxPort {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const known = Object.entries(DTYPES).find(([, { onnx }]) => onnx === elemType);
  const axes = (shape?.dim ?? []).map(({ dimValue, dimParam }) => dimValue ?? (dimParam || "?"));
  return { name, dtype: known?.[0] ?? `type ${elemType}`, shape: axes };
}

function bytesOf(file: FileBytes, { start, end }: Field): Uint8Array {
  if (end - start > LARGEST) {
    throw new SyntaxError(`Cannot read as ONNX: a description takes ${end - start} bytes`);
  }
  return file.bytes(start, end - start).slice();
}
