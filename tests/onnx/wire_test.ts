import assert from "node:assert/strict";
import { decode, encode, type Message } from "../../lib/onnx/mod.ts";

const MODEL: Message<"Model"> = {
  irVersion: 10,
  producerName: "ccmim",
  graph: {
    name: "graph",
    node: [
      {
        input: ["a", "", "b"],
        output: ["c"],
        opType: "Made",
        domain: "com.microsoft",
        attribute: [
          { name: "negative", i: -3, type: 2 },
          { name: "large", i: 2 ** 45, type: 2 },
          { name: "half", f: 0.5, type: 1 },
          { name: "text", s: new TextEncoder().encode("tanh"), type: 3 },
          { name: "list", ints: [0, -1, 300], type: 7 },
          { name: "floats", floats: [1.5, -2], type: 6 },
        ],
      },
      { input: [], output: ["d"], opType: "Other" },
    ],
    initializer: [
      { name: "w", dims: [2, 0, 300], dataType: 1, rawData: new Uint8Array(0) },
      { name: "bytes", dims: [3], dataType: 2, rawData: Uint8Array.of(0, 128, 255) },
    ],
    input: [{
      name: "a",
      type: {
        tensorType: { elemType: 1, shape: { dim: [{ dimParam: "N" }, { dimValue: 3 }] } },
      },
    }],
  },
  opsetImport: [{ domain: "", version: 21 }],
  metadataProps: [{ key: "k", value: "ü" }],
};

/** Without empty lists: protobuf does not tell them from absent ones. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => !(Array.isArray(field) && field.length === 0))
      .map(([key, field]) => [key, withoutEmpty(field)]),
  );
}

Deno.test("decode() reads what encode() wrote", () => {
  assert.deepEqual(withoutEmpty(decode("Model", encode("Model", MODEL))), withoutEmpty(MODEL));
});

Deno.test("encode() writes the schema's field numbers and wire types", () => {
  // opset_import { version: 21 }: field 8 of the model, bytes; field 2 of it, varint
  assert.deepEqual([...encode("Model", { opsetImport: [{ version: 21 }] })], [0x42, 2, 0x10, 21]);
  // A float is 4 little-endian bytes: field 2, wire type 5
  assert.deepEqual([...encode("Attribute", { f: 1 })], [0x15, 0, 0, 0x80, 0x3f]);
  // Whole numbers of a list are packed: field 8, bytes
  assert.deepEqual([...encode("Attribute", { ints: [1, 300] })], [0x42, 3, 1, 0xac, 2]);
  // A negative int64 takes ten bytes
  assert.deepEqual([...encode("Attribute", { i: -1 })], [
    0x18,
    ...new Array(9).fill(0xff),
    1,
  ]);
});

Deno.test("decode() reads lists that are not packed", () => {
  assert.deepEqual(decode("Attribute", Uint8Array.of(0x40, 1, 0x40, 0xac, 2)), { ints: [1, 300] });
});

Deno.test("decode() skips fields that the table leaves out", () => {
  // Field 15 as varint, field 14 as bytes, then name (field 1)
  const bytes = Uint8Array.of(0x78, 5, 0x72, 2, 9, 9, 0x0a, 1, 0x61);
  assert.deepEqual(decode("Attribute", bytes), { name: "a" });
});

Deno.test("decode() rejects bytes that end early", () => {
  assert.throws(() => decode("Attribute", Uint8Array.of(0x0a, 5, 0x61)));
  assert.throws(() => decode("Model", encode("Model", MODEL).subarray(0, -1)));
});
