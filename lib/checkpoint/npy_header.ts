/** The header of a .npy file: element type, shape, and where the elements start. */
import { type DType, DTYPES, type Shape, showShape, sizeOf } from "../tensor/mod.ts";

/** NumPy's descriptions of the element types that are read and written. */
export const DESCRIPTIONS: Readonly<Partial<Record<DType, string>>> = {
  float32: "<f4",
  float64: "<f8",
  uint8: "|u1",
  int32: "<i4",
  int64: "<i8",
};

/** What a .npy file starts with, a character a byte. */
export const MAGIC = "\x93NUMPY";

/** What a header says. */
export interface NpyHeader {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes before the elements. */
  readonly start: number;
}

/**
 * Reads a header.
 *
 * @param bytes the file, or at least its header.
 * @param fileBytes bytes of the whole file.
 * @throws {SyntaxError} if it is no .npy file of a supported version, order and element type, or its size is wrong.
 *
 * @example
 * ```ts
 * import { encodeNpy, parseNpyHeader } from "./mod.ts";
 *
 * const bytes = encodeNpy({ dtype: "float32", shape: [2, 3], data: new Uint8Array(24) });
 * console.assert(String(parseNpyHeader(bytes, bytes.length).shape) === "2,3");
 * ```
 */
export function parseNpyHeader(bytes: Uint8Array, fileBytes: number): NpyHeader {
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
  const { dtype, shape } = parseText(new TextDecoder("latin1").decode(bytes.slice(from, start)));
  const size = sizeOf(shape) * DTYPES[dtype].bytes;
  if (fileBytes - start !== size) {
    throw bad(`${dtype} ${showShape(shape)} takes ${size} bytes, there are ${fileBytes - start}`);
  }
  return { dtype, shape, start };
}

/** The Python dictionary. */
function parseText(text: string): Pick<NpyHeader, "dtype" | "shape"> {
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
