import { deepEqual, equal, throws } from "node:assert/strict";
import {
  encodeSafetensors,
  parseSafetensors,
  readSafetensors,
  type StoredTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { arrayOver, type DType, DTYPES, type Shape, sizeOf } from "../../lib/tensor/mod.ts";

function tensor(dtype: DType, shape: Shape, first = 0): StoredTensor {
  const data = new Uint8Array(sizeOf(shape) * DTYPES[dtype].bytes);
  return { dtype, shape, data: data.map((_, i) => first + i) };
}

/** A file from its header's text, which is not padded, and the tensors' bytes. */
function file(header: string, data: number[] = []): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function join(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

Deno.test("encodeSafetensors() writes the bytes of the reference implementation", () => {
  const tensors = new Map([
    ["b", tensor("uint8", [3], 1)],
    ["w", tensor("float32", [1, 2], 10)],
    ["a", tensor("float32", [], 20)],
  ]);
  const header = `{"__metadata__":{"format":"pt"},` +
    `"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},` +
    `"w":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]},` +
    `"b":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}}`;
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const data = [20, 21, 22, 23, 10, 11, 12, 13, 14, 15, 16, 17, 1, 2, 3];
  deepEqual(join(encodeSafetensors(tensors, { format: "pt" })), file(padded, data));
});

Deno.test("encodeSafetensors() writes equal bytes for any order of tensors and metadata", () => {
  const tensors = ["10", "9", "b", "a"].map((name) => [name, tensor("int64", [2])] as const);
  const one = join(encodeSafetensors(new Map(tensors), { y: "1", x: "2" }));
  deepEqual(join(encodeSafetensors(new Map(tensors.toReversed()), { x: "2", y: "1" })), one);
  deepEqual([...parseSafetensors(one).tensors.keys()], ["10", "9", "a", "b"]);
});

Deno.test("encodeSafetensors() does not copy tensors, and aligns the first", () => {
  const one = tensor("float64", [5]);
  const [head, data] = encodeSafetensors(new Map([["one", one]]));
  equal(data, one.data);
  equal(head!.length % 8, 0);
});

Deno.test("encodeSafetensors() rejects bytes that do not fit the shape, and a reserved name", () => {
  throws(
    () => encodeSafetensors(new Map([["w", { ...tensor("float32", [2]), shape: [3] }]])),
    new TypeError(`Cannot write tensor "w" as float32 [3]: it has 8 bytes`),
  );
  throws(
    () => encodeSafetensors(new Map([["__metadata__", tensor("uint8", [1])]])),
    new TypeError(`Cannot write a tensor named "__metadata__": the name is reserved`),
  );
});

Deno.test("parseSafetensors() reads every element type back", () => {
  const tensors = new Map(
    Object.keys(DTYPES).map((dtype, i) => [`${dtype}.é"`, tensor(dtype as DType, [2, i])]),
  );
  const found = parseSafetensors(join(encodeSafetensors(tensors, { note: "line\n" })));
  deepEqual(found.metadata, { note: "line\n" });
  equal(found.tensors.size, 8);
  for (const [name, expected] of tensors) deepEqual(found.tensors.get(name), expected);
});

Deno.test("parseSafetensors() gives data that typed arrays can lie over, wherever it is in the file", () => {
  const header = `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`;
  for (const spaces of [0, 1, 2, 3]) {
    const { tensors } = parseSafetensors(file(header + " ".repeat(spaces), [0, 0, 128, 63]));
    deepEqual([...arrayOver("float32", tensors.get("a")!.data)], [1]);
  }
});

Deno.test("parseSafetensors() reads a file without tensors", () => {
  deepEqual(parseSafetensors(file("{}")), { metadata: {}, tensors: new Map() });
});

const entry = (fields: string) => file(`{"a":{${fields}}}`, [1, 2, 3, 4]);
const two = (a: string, b: string) =>
  file(
    `{"a":{"dtype":"U8","shape":[2],"data_offsets":${a}},"b":{"dtype":"U8","shape":[2],"data_offsets":${b}}}`,
    [1, 2, 3, 4],
  );
const long = file("{}");
new DataView(long.buffer).setBigUint64(0, 100_000_001n, true);
const beyond = file("{}");
beyond[0] = 3;

const REJECTED: [what: string, bytes: Uint8Array, message: string | RegExp][] = [
  ["too few bytes", new Uint8Array(7), "7 bytes are too few for a header"],
  ["a header beyond the limit", long, "a header of 100000001 bytes is longer than 100000000"],
  ["a header beyond the end", beyond, "the header ends at 11 of 10 bytes"],
  ["a header that is a list", file("[]"), `the header does not start with "{"`],
  ["a header in spaces", file(" {}"), `the header does not start with "{"`],
  ["a header that is cut", file(`{"a":`), /: the header is not JSON in UTF-8 \(/],
  [
    "a header in Latin-1",
    Uint8Array.from(file(`{"?":1}`), (byte) => byte === 0x3f ? 0xe9 : byte),
    /: the header is not JSON in UTF-8 \(/,
  ],
  ["metadata of numbers", file(`{"__metadata__":{"a":1}}`), "__metadata__ must map texts to texts"],
  ["an entry that is a number", file(`{"a":1}`), /: tensor "a": .*Expected Object/],
  [
    "a name that comes twice",
    file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\\u0061":1}`, [1, 2, 3, 4]),
    `the header has "a" twice`,
  ],
  [
    "a field that comes twice",
    entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4],"shape":[1]`),
    `the header has "shape" twice`,
  ],
  [
    "a shape beyond all numbers",
    entry(`"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,4]`),
    `tensor "a" has 4 bytes for uint8 [9007199254740991, 9007199254740991]`,
  ],
  ["no shape", entry(`"dtype":"F32","data_offsets":[0,4]`), /: tensor "a": .*"shape"/],
  ["a further field", entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1`), /"x"/],
  ["a negative axis", entry(`"dtype":"F32","shape":[-1],"data_offsets":[0,4]`), /: tensor "a": /],
  ["a third offset", entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4,8]`), /: tensor "a": /],
  [
    "an unknown dtype",
    entry(`"dtype":"F8_E5M2","shape":[4],"data_offsets":[0,4]`),
    `tensor "a" has the unknown dtype "F8_E5M2"`,
  ],
  [
    "a size that is not the shape's",
    entry(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`),
    `tensor "a" has 4 bytes for float32 [2]`,
  ],
  [
    "a hole",
    two("[0,2]", "[3,5]"),
    `tensor "b" lies at [3, 5) but the bytes before it end at 2: ` +
    "ranges must follow each other without holes or overlaps",
  ],
  [
    "an overlap",
    two("[0,2]", "[1,3]"),
    `tensor "b" lies at [1, 3) but the bytes before it end at 2: ` +
    "ranges must follow each other without holes or overlaps",
  ],
  [
    "a range that runs backwards",
    entry(`"dtype":"U8","shape":[0],"data_offsets":[0,-1]`),
    /: tensor "a": /,
  ],
  [
    "a tensor beyond the end",
    entry(`"dtype":"U8","shape":[5],"data_offsets":[0,5]`),
    /: tensor "a" ends at \d+ of \d+ bytes$/,
  ],
  [
    "bytes after the last tensor",
    entry(`"dtype":"U8","shape":[3],"data_offsets":[0,3]`),
    /: the tensors end at \d+ of \d+ bytes$/,
  ],
];

for (const [what, bytes, message] of REJECTED) {
  Deno.test(`parseSafetensors() rejects ${what}`, () => {
    throws(
      () => parseSafetensors(bytes),
      typeof message === "string"
        ? new SyntaxError(`Cannot read as safetensors: ${message}`)
        : { name: "SyntaxError", message },
    );
  });
}

Deno.test("readSafetensors() names the file in its error", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, file("{}"));
    equal(readSafetensors(path).tensors.size, 0);
    Deno.writeFileSync(path, file("[]"));
    throws(
      () => readSafetensors(path),
      new SyntaxError(
        `Cannot read as safetensors: the header does not start with "{", in ${path}`,
      ),
    );
  } finally {
    Deno.removeSync(path);
  }
});
