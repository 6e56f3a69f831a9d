/** A model as pieces of bytes, so that gigabytes of weights are not copied on their way to a file. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FieldSpec, type Message, SCHEMA } from "./schema.ts";
import { encode } from "./wire.ts";

/** Most bytes of a protobuf message: readers take their number as a signed 32-bit one. */
export const LARGEST_MESSAGE = 2 ** 31 - 1;

/**
 * The bytes of `model` in pieces to write one after another; the elements of its initializers are pieces of their own.
 *
 * @throws {RangeError} if they are more than {@linkcode LARGEST_MESSAGE} together.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { encodeModel, toModel } from "./mod.ts";
 *
 * const model = toModel({ y: graph.exp(graph.input("x", "float32", [3])) }, { name: "exp" });
 * using file = Deno.createSync("exp.onnx");
 * for (const piece of encodeModel(model)) file.writeSync(piece);
 * ```
 */
export function encodeModel(model: Message<"Model">): Uint8Array[] {
  const { graph = {}, ...rest } = model;
  const { initializer = [], ...nodes } = graph;
  const inGraph = [
    encode("Graph", nodes),
    ...initializer.flatMap((tensor) => field(SCHEMA.Graph.initializer, encodeTensor(tensor))),
  ];
  const pieces = [encode("Model", rest), ...field(SCHEMA.Model.graph, inGraph)];
  const bytes = lengthOf(pieces);
  if (bytes > LARGEST_MESSAGE) {
    throw new RangeError(
      `Cannot write a model of ${bytes} bytes in one file: protobuf ends at ${LARGEST_MESSAGE}; ` +
        `keep its weights in a file of their own`,
    );
  }
  return pieces;
}

function encodeTensor({ rawData, ...rest }: Message<"Tensor">): Uint8Array[] {
  const head = encode("Tensor", rest);
  return rawData === undefined ? [head] : [head, ...field(SCHEMA.Tensor.rawData, [rawData])];
}

/** A field of bytes: its tag and length, then the pieces. A message's fields may come in any order. */
function field([number]: FieldSpec, pieces: readonly Uint8Array[]): Uint8Array[] {
  const head = new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(lengthOf(pieces));
  return [head.finish(), ...pieces];
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
