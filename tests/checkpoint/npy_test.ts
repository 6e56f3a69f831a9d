import { deepEqual, equal, throws } from "node:assert/strict";
import { encodeNpy, parseNpy, readNpy } from "../../lib/checkpoint/npy.ts";
import type { DType } from "../../lib/tensor/mod.ts";

/** A file of the given version with a header as NumPy writes it. */
function file(dictionary: string, data: number[] = [], version = 1): Uint8Array<ArrayBuffer> {
  const text = `${dictionary}\n`;
  const length = version === 1
    ? [text.length & 255, text.length >> 8]
    : [text.length & 255, text.length >> 8, 0, 0];
  const head = [0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length];
  return Uint8Array.from([...head, ...new TextEncoder().encode(text), ...data]);
}

const header = (descr: string, shape: string, order = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

Deno.test("parseNpy() reads versions 1 and 2, whatever the alignment", () => {
  for (const version of [1, 2]) {
    for (const spaces of [0, 1, 2, 3]) {
      const text = header("<i4", "(1, 2)") + " ".repeat(spaces);
      deepEqual(parseNpy(file(text, [1, 0, 0, 0, 2, 0, 0, 0], version)), {
        dtype: "int32",
        shape: [1, 2],
        data: new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0]),
      });
    }
  }
});

Deno.test("encodeNpy() writes the bytes of numpy.save", () => {
  // numpy.save of numpy.array([1, 2, 3], "u1")
  const text = header("|u1", "(3,)");
  const expected = file(text.padEnd(128 - 10 - 1), [1, 2, 3]);
  deepEqual(encodeNpy({ dtype: "uint8", shape: [3], data: new Uint8Array([1, 2, 3]) }), expected);
});

Deno.test("encodeNpy() and parseNpy() agree for every type and rank", () => {
  for (const dtype of ["float32", "float64", "uint8", "int32", "int64"] as DType[]) {
    for (const shape of [[], [1], [0, 4], [1, 1, 1]]) {
      const bytes = shape.includes(0) ? 0 : dtype === "uint8" ? 1 : /64/.test(dtype) ? 8 : 4;
      const tensor = { dtype, shape, data: Uint8Array.from({ length: bytes }, (_, i) => i + 1) };
      const encoded = encodeNpy(tensor);
      equal((encoded.length - bytes) % 64, 0);
      deepEqual(parseNpy(encoded), tensor);
    }
  }
});

Deno.test("encodeNpy() rejects what .npy lacks, and bytes that do not fit", () => {
  throws(
    () => encodeNpy({ dtype: "bfloat16", shape: [1], data: new Uint8Array(2) }),
    new TypeError(
      "Cannot write bfloat16 as .npy: only float32 float64 uint8 int32 int64 are written",
    ),
  );
  throws(
    () => encodeNpy({ dtype: "float32", shape: [2], data: new Uint8Array(4) }),
    new TypeError("Cannot write float32 [2] as .npy: there are 4 bytes"),
  );
});

const good = file(header("<f4", "(1,)"), [0, 0, 0, 0]);
const REJECTED: [what: string, bytes: Uint8Array, message: string][] = [
  ["another file", new Uint8Array(100), "it does not start with the magic of a .npy file"],
  ["an empty file", new Uint8Array(), "it does not start with the magic of a .npy file"],
  ["version 3", file(header("<f4", "()"), [], 3), "version 3 is neither 1 nor 2"],
  ["a header that is cut", good.slice(0, 40), `the header ends at ${good.length - 4} of 40 bytes`],
  [
    "no shape",
    file("{'descr': '<f4'}"),
    `the header "{'descr': '<f4'}" lacks descr, fortran_order or shape`,
  ],
  [
    "big-endian elements",
    file(header(">f4", "(1,)"), [0, 0, 0, 0]),
    `the element type is ">f4", and only <f4 <f8 |u1 <i4 <i8 are read`,
  ],
  [
    "column-major order",
    file(header("<f4", "(1,)", "True"), [0, 0, 0, 0]),
    "it is in column-major order, and only row-major order is read",
  ],
  ["missing elements", good.slice(0, -1), "float32 [1] takes 4 bytes, there are 3"],
  ["further bytes", Uint8Array.of(...good, 0), "float32 [1] takes 4 bytes, there are 5"],
];

for (const [what, bytes, message] of REJECTED) {
  Deno.test(`parseNpy() rejects ${what}`, () => {
    throws(() => parseNpy(bytes), new SyntaxError(`Cannot read as .npy: ${message}`));
  });
}

Deno.test("readNpy() names the file in its error", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, good);
    deepEqual(readNpy(path).shape, [1]);
    Deno.writeFileSync(path, good.slice(0, 5));
    throws(() => readNpy(path), { name: "SyntaxError", message: new RegExp(`, in ${path}$`) });
  } finally {
    Deno.removeSync(path);
  }
});
