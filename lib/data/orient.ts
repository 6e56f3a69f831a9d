/** Turning pixels upright. */
import type { Size } from "./index_file.ts";

/**
 * Turns RGB pixels as EXIF's orientation 1-8 says, so that the image stands upright.
 *
 * @param pixels uint8 [height, width, 3] as stored in the file.
 * @param size the file's width and height, before turning.
 */
export function orient(
  pixels: Uint8Array,
  { width, height }: Size,
  orientation: number,
): Uint8Array {
  if (orientation === 1) return pixels;
  const swapped = orientation >= 5;
  const [outWidth, outHeight] = swapped ? [height, width] : [width, height];
  // Orientation n: the file's row 0 and column 0 are which sides of the upright image (EXIF 2.3, 4.6.4)
  const fromRight = [2, 3, 7, 6].includes(orientation);
  const fromBottom = [3, 4, 7, 8].includes(orientation);
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < outHeight; y++) {
    const v = fromBottom ? outHeight - 1 - y : y;
    for (let x = 0; x < outWidth; x++) {
      const u = fromRight ? outWidth - 1 - x : x;
      const at = 3 * (swapped ? u * width + v : v * width + u);
      result.set(pixels.subarray(at, at + 3), 3 * (y * outWidth + x));
    }
  }
  return result;
}
