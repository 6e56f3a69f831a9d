/** Pixels without what says how opaque they are. */

/** Values of a pixel: red, green, blue and alpha. */
const RGBA = 4;

/**
 * Red, green and blue, four pixels at a time: four words without their last bytes are three.
 *
 * @param image uint8 `[n, 4]`.
 * @param into memory for the result, uint8 `[n, 3]`; new unless given.
 */
export function withoutAlpha(
  image: Uint8Array,
  into: Uint8Array = new Uint8Array(3 * image.length / RGBA),
): Uint8Array {
  const pixels = isAligned(image) ? image : new Uint8Array(image); // a Buffer's slice() is no copy
  const result = isAligned(into) ? into : new Uint8Array(into.length);
  const count = pixels.length / RGBA;
  const groups = Math.floor(count / 4);
  const from = new Uint32Array(pixels.buffer, pixels.byteOffset, 4 * groups);
  const to = new Uint32Array(result.buffer, result.byteOffset, 3 * groups);
  for (let i = 0, k = 0; k < to.length; i += 4, k += 3) { // little-endian, as all that Deno runs on
    const second = from[i + 1]!, third = from[i + 2]!;
    to[k] = from[i]! & 0xffffff | second << 24;
    to[k + 1] = second >>> 8 & 0xffff | third << 16;
    to[k + 2] = third >>> 16 & 0xff | from[i + 3]! << 8;
  }
  for (let i = 4 * groups; i < count; i++) {
    result.set(pixels.subarray(RGBA * i, RGBA * i + 3), 3 * i);
  }
  if (result !== into) into.set(result);
  return into;
}

function isAligned({ byteOffset }: Uint8Array): boolean {
  return byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0;
}
