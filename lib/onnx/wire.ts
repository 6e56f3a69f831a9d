/** Messages to protobuf bytes and back, driven by the schema table. */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FieldSpec, type Message, type MessageName, type Scalars, SCHEMA } from "./schema.ts";

interface Codec<T> {
  readonly wire: WireType;
  readonly packable: boolean;
  write(writer: BinaryWriter, value: T): void;
  read(reader: BinaryReader): T;
}

const CODECS: { readonly [K in keyof Scalars]: Codec<Scalars[K]> } = {
  int64: {
    wire: WireType.Varint,
    packable: true,
    write: (writer, value) => writer.int64(value),
    read: (reader) => Number(reader.int64()),
  },
  int32: {
    wire: WireType.Varint,
    packable: true,
    write: (writer, value) => writer.int32(value),
    read: (reader) => reader.int32(),
  },
  float: {
    wire: WireType.Bit32,
    packable: true,
    write: (writer, value) => writer.float(value),
    read: (reader) => reader.float(),
  },
  string: {
    wire: WireType.LengthDelimited,
    packable: false,
    write: (writer, value) => writer.string(value),
    read: (reader) => reader.string(),
  },
  bytes: {
    wire: WireType.LengthDelimited,
    packable: false,
    write: (writer, value) => writer.bytes(value),
    read: (reader) => reader.bytes(),
  },
};

type Fields = Readonly<Record<string, FieldSpec>>;
type Plain = Record<string, unknown>;

function codecOf(type: string): Codec<unknown> {
  if (type in CODECS) return CODECS[type as keyof Scalars] as Codec<unknown>;
  const fields: Fields = SCHEMA[type as MessageName];
  return {
    wire: WireType.LengthDelimited,
    packable: false,
    write: (writer, value) => {
      writer.fork();
      writeFields(writer, fields, value as Plain);
      writer.join();
    },
    read: (reader) => readFields(reader, fields, reader.uint32()),
  };
}

function writeFields(writer: BinaryWriter, fields: Fields, message: Plain): void {
  for (const [name, [number, type, repeated]] of Object.entries(fields)) {
    const value = message[name];
    if (value === undefined) continue;
    const codec = codecOf(type);
    if (repeated && codec.packable) {
      writer.tag(number, WireType.LengthDelimited).fork();
      for (const item of value as unknown[]) codec.write(writer, item);
      writer.join();
      continue;
    }
    for (const item of repeated ? value as unknown[] : [value]) {
      writer.tag(number, codec.wire);
      codec.write(writer, item);
    }
  }
}

function readFields(reader: BinaryReader, fields: Fields, length: number): Plain {
  const byNumber = new Map(Object.entries(fields).map(([name, spec]) => [spec[0], { name, spec }]));
  const end = reader.pos + length;
  const message: Plain = {};
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const field = byNumber.get(number);
    if (field === undefined) {
      reader.skip(wire, number);
      continue;
    }
    const { name, spec: [, type, repeated] } = field;
    const codec = codecOf(type);
    if (!repeated) {
      message[name] = codec.read(reader);
      continue;
    }
    const items = (message[name] ??= []) as unknown[];
    const isPacked = codec.packable && wire === WireType.LengthDelimited;
    const stop = isPacked ? reader.uint32() + reader.pos : reader.pos + 1;
    while (reader.pos < stop) items.push(codec.read(reader));
  }
  return message;
}

/**
 * The bytes of a message.
 *
 * @example
 * ```ts
 * import { decode, encode } from "./mod.ts";
 *
 * const bytes = encode("Dimension", { dimParam: "batch" });
 * console.assert(decode("Dimension", bytes).dimParam === "batch");
 * ```
 */
export function encode<N extends MessageName>(
  name: N,
  message: Message<N>,
): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeFields(writer, SCHEMA[name], message as Plain);
  return writer.finish();
}

/**
 * The message in `bytes`; fields outside the table are skipped.
 *
 * @throws {Error} if they are no protobuf message.
 *
 * @example
 * ```ts
 * import { decode } from "./mod.ts";
 *
 * const { graph: { node = [] } = {} } = decode("Model", Deno.readFileSync("encoder.onnx"));
 * console.assert(node.length > 0);
 * ```
 */
export function decode<N extends MessageName>(name: N, bytes: Uint8Array): Message<N> {
  return readFields(new BinaryReader(bytes), SCHEMA[name], bytes.byteLength) as Message<N>;
}
