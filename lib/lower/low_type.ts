/** The 16-bit floats that products may run in, and rounding to them. */
import { arrayOver, DTYPES } from "../tensor/mod.ts";

/** Element types of 16 bits. */
export const LOW_TYPES = ["bfloat16", "float16"] as const;

/** One of {@linkcode LOW_TYPES}: bfloat16 has float32's range and 8 bits of precision, float16 ends at 65504 and has 11. */
export type LowType = (typeof LOW_TYPES)[number];

/**
 * The elements in a low type, rounded to the nearest, ties to even, as a Cast does it.
 *
 * @returns the bits, little-endian, 2 bytes an element.
 */
export function lowBytes(low: LowType, elements: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(elements.length * DTYPES[low].bytes);
  const bits = arrayOver(low, bytes);
  if (low === "float16") new Float16Array(bits.buffer).set(elements);
  else {
    const source = new Uint32Array(elements.buffer, elements.byteOffset, elements.length);
    for (let i = 0; i < bits.length; i++) bits[i] = bfloat16Bits(source[i]!);
  }
  return bytes;
}

/** The elements rounded to a low type, as float32. */
export function roundTo(low: LowType, elements: Float32Array): Float32Array<ArrayBuffer> {
  const bits = arrayOver(low, lowBytes(low, elements));
  if (low === "float16") return Float32Array.from(new Float16Array(bits.buffer));
  return new Float32Array(Uint32Array.from(bits, (x) => x << 16).buffer);
}

/** The upper half of a float32, rounded by the lower half. */
function bfloat16Bits(bits: number): number {
  const isNaN = (bits & 0x7fffffff) > 0x7f800000;
  if (isNaN) return (bits >>> 16) | 0x40; // the carry of a rounding could turn it into infinity
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
