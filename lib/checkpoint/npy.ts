/**
 * NumPy's .npy format, versions 1 and 2 (numpy.lib.format): magic, version, length of a header that is a Python
 * dictionary, then the elements. Row-major and little-endian only.
 */
import { DTYPES, showShape, sizeOf } from "../tensor/mod.ts";
import { DESCRIPTIONS, MAGIC, parseNpyHeader } from "./npy_header.ts";
import type { StoredTensor } from "./safetensors.ts";

/**
 * Read a whole .npy file. The data is an aligned view of `bytes` or a copy.
 *
 * @throws {SyntaxError} if it is no .npy file of a supported version, order and element type, or its size is wrong.
 *
 * @example
 * ```ts
 * import { encodeNpy, parseNpy } from "./mod.ts";
 *
 * const bytes = encodeNpy({ dtype: "float32", shape: [2, 3], data: new Uint8Array(24) });
 * console.assert(String(parseNpy(bytes).shape) === "2,3");
 * ```
 */
export function parseNpy(bytes: Uint8Array): StoredTensor {
  const { dtype, shape, start } = parseNpyHeader(bytes, bytes.byteLength);
  const data = bytes.subarray(start);
  const aligned = data.byteOffset % DTYPES[dtype].bytes === 0;
  return { dtype, shape, data: aligned ? data : data.slice() };
}

/**
 * The tensor as a .npy file of version 1, as `numpy.save` writes it.
 *
 * @throws {TypeError} if the element type is none of those that are read, or the bytes do not fit the shape.
 *
 * @example
 * ```ts
 * import { encodeNpy } from "./mod.ts";
 *
 * const data = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
 * Deno.writeFileSync("numbers.npy", encodeNpy({ dtype: "float32", shape: [3], data }));
 * ```
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

/**
 * {@linkcode parseNpy} of the file at `path`.
 *
 * @throws {SyntaxError} with the path, as there.
 *
 * @example
 * ```ts
 * import { encodeNpy, readNpy } from "./mod.ts";
 *
 * Deno.writeFileSync("zeros.npy", encodeNpy({ dtype: "float32", shape: [2], data: new Uint8Array(8) }));
 * console.assert(readNpy("zeros.npy").dtype === "float32");
 * ```
 */
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
