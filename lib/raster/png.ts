/** Writing PNG images (third edition of the standard) of 8-bit RGB. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Bit depth, colour type RGB, and the only compression, filter method and no interlacing. */
const KIND = [8, 2, 0, 0, 0] as const;

/** Filter of every row: each value less that of the pixel to the left. */
const SUB = 1;

/** Values of a pixel. */
const CHANNELS = 3;

/**
 * A PNG file.
 *
 * @param pixels uint8 `[height, width, 3]`.
 * @throws {RangeError} if there are more or fewer pixels than that.
 *
 * @example
 * ```ts
 * import { encodePng } from "./mod.ts";
 *
 * const png = encodePng(new Uint8Array(4 * 2 * 3), { width: 4, height: 2 });
 * Deno.writeFileSync("black.png", png);
 * ```
 */
export function encodePng(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  if (pixels.length !== width * height * CHANNELS || pixels.length === 0) {
    throw new RangeError(`Cannot write ${pixels.length} bytes as ${width} x ${height} pixels of 3`);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set(KIND, 8);
  const data = deflateSync(filtered(pixels, width * CHANNELS));
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND")];
  return new Uint8Array(Buffer.concat(parts));
}

/** @param row values in a row. */
function filtered(pixels: Uint8Array, row: number): Uint8Array {
  const result = new Uint8Array(pixels.length + pixels.length / row);
  for (let from = 0, to = 0; from < pixels.length; from += row) {
    result[to++] = SUB;
    for (let x = 0; x < row; x++) {
      result[to++] = pixels[from + x]! - (x < CHANNELS ? 0 : pixels[from + x - CHANNELS]!);
    }
  }
  return result;
}

/** Length, type, data, checksum of type and data. */
function chunk(type: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
