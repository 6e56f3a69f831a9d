/** An image within a record of a fixed size. */
import type { Size } from "./index_file.ts";

/**
 * Puts an image into the top left corner of a record; the rest repeats its last column and row, so that resampling near its
 * edges meets no black.
 *
 * @param pixels RGB, `[height, width, 3]`, neither side longer than `size`.
 * @param record uint8 `[size, size, 3]`, filled whole.
 */
export function placeImage(
  pixels: Uint8Array,
  { width, height }: Size,
  { record, size }: { readonly record: Uint8Array; readonly size: number },
): void {
  if (width === size && height === size) return record.set(pixels);
  const row = size * 3;
  for (let y = 0; y < height; y++) {
    const line = record.subarray(y * row, (y + 1) * row);
    line.set(pixels.subarray(y * width * 3, (y + 1) * width * 3));
    const last = line.slice((width - 1) * 3, width * 3);
    for (let x = width; x < size; x++) line.set(last, x * 3);
  }
  const last = record.slice((height - 1) * row, height * row);
  for (let y = height; y < size; y++) record.set(last, y * row);
}
