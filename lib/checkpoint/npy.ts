/**
 * NumPy's .npy format, versions 1 and 2 (numpy.lib.format): magic, version, length of a header that is a Python
 * dictionary, then the elements. Row-major and little-endian only.
 */
import { type DType, DTYPES, type Shape, showShape, sizeOf } from "../tensor/mod.ts";
import type { StoredTensor } from "./safetensors.ts";

/** NumPy's descriptions of the element types that are read and written. */
const DESCRIPTIONS: Readonly<Partial<Record<DType, string>>> = {
  float32: "<f4",
  float64: "<f8",
  uint8: "|u1",
  int32: "<i4",
  int64: "<i8",
};

const MAGIC = "\x93NUMPY";

/**
 * Read a whole .npy file. The data is an aligned view of `bytes` or a copy.
 *
 * @throws {SyntaxError} if it is no .npy file of a supported version, order and element type, or its size is wrong.
 */
export function parseNpy(bytes: Uint8Array): StoredTensor {
  if (bytes.byteLength < 12 || !MAGIC.split("").every((c, i) => c.charCodeAt(0) === bytes[i])) {
    throw bad("it does not start with the magic of a .npy file");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version !== 1 && version !== 2) throw bad(`version ${version} is neither 1 nor 2`);
  const [from, length] = version === 1
    ? [10, view.getUint16(8, true)]
    : [12, view.getUint32(8, true)];
  const start = from + length;
  if (start > bytes.byteLength) {
    throw bad(`the header ends at ${start} of ${bytes.byteLength} bytes`);
  }
  const { dtype, shape } = parseHeader(new TextDecoder("latin1").decode(bytes.slice(from, start)));
  const size = sizeOf(shape) * DTYPES[dtype].bytes;
  if (bytes.byteLength - start !== size) {
    throw bad(
      `${dtype} ${showShape(shape)} takes ${size} bytes, there are ${bytes.byteLength - start}`,
    );
  }
  const data = bytes.subarray(start);
  const aligned = data.byteOffset % DTYPES[dtype].bytes === 0;
  return { dtype, shape, data: aligned ? data : data.slice() };
}

/**
 * The tensor as a .npy file of version 1, as `numpy.save` writes it.
 *
 * @throws {TypeError} if the element type is none of those that are read, or the bytes do not fit the shape.
 */
export function encodeNpy({ dtype, shape, data }: StoredTensor): Uint8Array {
  const descr = DESCRIPTIONS[dtype];
  if (descr === undefined) {
    const known = Object.keys(DESCRIPTIONS).join(" ");
    throw new TypeError(`Cannot write ${dtype} as .npy: only ${known} are written`);
  }
  if (data.byteLength !== sizeOf(shape) * DTYPES[dtype].bytes) {
    throw new TypeError(
      `Cannot write ${dtype} ${showShape(shape)} as .npy: there are ${data.byteLength} bytes`,
    );
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64; // elements start at a multiple of 64
  const text = MAGIC + "\x01\x00\0\0" + header.padEnd(start - 11) + "\n";
  const bytes = new Uint8Array(start + data.byteLength);
  for (let i = 0; i < start; i++) bytes[i] = text.charCodeAt(i);
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.set(data, start);
  return bytes;
}

/** {@linkcode parseNpy} of the file at `path`. @throws {SyntaxError} with the path, as there. */
export function readNpy(path: string): StoredTensor {
  try {
    return parseNpy(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new SyntaxError(`${error.message}, in ${path}`, { cause: error });
    }
    throw error;
  }
}

function parseHeader(text: string): { dtype: DType; shape: Shape } {
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const axes = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || axes === undefined) {
    throw bad(`the header ${JSON.stringify(text.trim())} lacks descr, fortran_order or shape`);
  }
  const dtype = Object.entries(DESCRIPTIONS).find(([, known]) => known === descr)?.[0];
  if (dtype === undefined) {
    const known = Object.values(DESCRIPTIONS).join(" ");
    throw bad(`the element type is "${descr}", and only ${known} are read`);
  }
  if (order === "True") throw bad("it is in column-major order, and only row-major order is read");
  const shape = axes.split(",").map((axis) => axis.trim()).filter((axis) => axis !== "").map(
    Number,
  );
  return { dtype: dtype as DType, shape };
}

function bad(what: string): SyntaxError {
  return new SyntaxError(`Cannot read as .npy: ${what}`);
}
