/** Floating-point elements of any width as float32. */
import { arrayOver, type DType, DTYPES, showShape } from "../tensor/mod.ts";
import type { StoredTensor } from "./safetensors.ts";

/** How the bits of an element become a number, for the types that are not float32 already. */
const READERS: Readonly<Partial<Record<DType, (data: Uint8Array) => Float32Array>>> = {
  float16: (data) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Float32Array.from({ length: data.length / 2 }, (_, i) => view.getFloat16(2 * i, true));
  },
  // bfloat16 is the upper half of a float32
  bfloat16: (data) => {
    const bits = Uint32Array.from(arrayOver("bfloat16", data), (half) => half << 16);
    return new Float32Array(bits.buffer);
  },
  float64: (data) => Float32Array.from(arrayOver("float64", data)),
};

/**
 * The tensor in float32: float16 and bfloat16 exactly, float64 rounded.
 *
 * @throws {TypeError} if the elements are no floating-point numbers.
 *
 * @example
 * ```ts
 * import { toFloat32 } from "./mod.ts";
 *
 * const data = new Uint8Array(Uint16Array.of(0x3f80).buffer); // 1 as bfloat16
 * const wide = toFloat32({ dtype: "bfloat16", shape: [1], data });
 * console.assert(new Float32Array(wide.data.buffer)[0] === 1);
 * ```
 */
export function toFloat32(tensor: StoredTensor): StoredTensor {
  const { dtype, shape, data } = tensor;
  if (dtype === "float32") return tensor;
  const read = READERS[dtype];
  if (read === undefined) {
    throw new TypeError(`Cannot read ${dtype} ${showShape(shape)} as float32`);
  }
  const aligned = data.byteOffset % DTYPES[dtype].bytes === 0 ? data : data.slice();
  return { dtype: "float32", shape, data: new Uint8Array(read(aligned).buffer) };
}
