/** Format, size and orientation of an image from the start of its file, without decoding it. */
import { avifHeader, isAvif } from "./avif_header.ts";
import { exifOrientation } from "./exif.ts";
import type { Size } from "./index_file.ts";

/** Formats that are recognised by their first bytes; and raw pixels, uint8 `[height, width, 3]`, which no file is. */
export type ImageFormat = "jpeg" | "png" | "webp" | "gif" | "avif" | "raw";

/** What the start of an image file says. */
export interface ImageHeader extends Size {
  readonly format: ImageFormat;
  /**
   * EXIF orientation, 1 = upright. Width and height above are those of the upright image, so
   * they are swapped against the file's where it is 5 or more.
   */
  readonly orientation: number;
  /** True of a JPEG of four inks, CMYK or YCCK. */
  readonly cmyk?: true;
}

/**
 * Reads the header of an image.
 *
 * @param bytes the file, or as much of its start as was read.
 * @returns `undefined` if the header goes on after the end of `bytes`.
 * @throws {SyntaxError} if it is not an image of a known format; the message is the reason alone.
 */
export function dimensions(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length === 0) throw new SyntaxError("empty file");
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return jpegHeader(bytes);
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return pngHeader(bytes);
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return webpHeader(bytes);
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return gifHeader(bytes);
  if (isAvif(bytes)) {
    const size = avifHeader(bytes);
    return size === undefined ? undefined : sized("avif", size);
  }
  throw new SyntaxError("not a JPEG, PNG, WebP, AVIF or GIF image");
}

/** Walks the segments up to the frame header (ITU-T T.81, B.2.2). */
function jpegHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = viewOf(bytes);
  let orientation = 1;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new SyntaxError("damaged JPEG header");
    const marker = bytes[at + 1]!;
    if (marker === 0xff) { // fill byte
      at++;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) { // markers without a length
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) throw new SyntaxError("JPEG without a frame header");
    const length = view.getUint16(at + 2);
    if (isFrame(marker)) {
      if (at + 10 > bytes.length) return undefined;
      const height = view.getUint16(at + 5);
      const width = view.getUint16(at + 7);
      const header = sized("jpeg", { width, height }, orientation);
      return view.getUint8(at + 9) === 4 ? { ...header, cmyk: true } : header;
    }
    const end = at + 2 + length;
    if (end > bytes.length) return undefined;
    if (marker === 0xe1 && ascii(bytes, at + 4, at + 10) === "Exif\0\0") {
      orientation = exifOrientation(bytes.subarray(at + 10, end)) ?? orientation;
    }
    at = end;
  }
  return undefined;
}

/** SOF0-SOF15, which share their numbers with DHT (C4), JPG (C8) and DAC (CC). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Walks the chunks up to the pixels (PNG, third edition, 5.3), since one of them may say the orientation. */
function pngHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = viewOf(bytes);
  let orientation = 1;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = ascii(bytes, at + 4, at + 8);
    const end = at + 12 + length;
    if (at === 8 && type !== "IHDR") throw new SyntaxError("damaged PNG header");
    if (type === "IDAT" || type === "IEND") {
      return sized("png", { width: view.getUint32(16), height: view.getUint32(20) }, orientation);
    }
    if (end > bytes.length) return undefined;
    if (type === "eXIf") orientation = exifOrientation(bytes.subarray(at + 8, end - 4)) ?? 1;
    at = end;
  }
  return undefined;
}

function gifHeader(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 10) return undefined;
  const view = viewOf(bytes);
  return sized("gif", { width: view.getUint16(6, true), height: view.getUint16(8, true) });
}

/** The first chunk: lossy, lossless or extended (RFC 9649). */
function webpHeader(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 30) return undefined;
  const view = viewOf(bytes);
  const chunk = ascii(bytes, 12, 16);
  if (chunk === "VP8 ") {
    const [width, height] = [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    return sized("webp", { width, height });
  }
  if (chunk === "VP8L") {
    const bits = view.getUint32(21, true);
    return sized("webp", { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 });
  }
  if (chunk !== "VP8X") throw new SyntaxError("damaged WebP header");
  const uint24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
  const size = { width: uint24(24) + 1, height: uint24(27) + 1 };
  if ((bytes[20]! & 0x08) === 0) return sized("webp", size); // no EXIF
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    if (ascii(bytes, at, at + 4) === "EXIF" && at + 8 + length <= bytes.length) {
      const exif = bytes.subarray(at + 8, at + 8 + length);
      const tiff = ascii(exif, 0, 6) === "Exif\0\0" ? exif.subarray(6) : exif;
      return sized("webp", size, exifOrientation(tiff) ?? 1);
    }
    at += 8 + length + length % 2;
  }
  // it comes last: the file's own size says whether all of it is here
  return bytes.length < view.getUint32(4, true) + 8 ? undefined : sized("webp", size);
}

/** @param size of the file's pixels, before they are turned. */
function sized(format: ImageFormat, { width, height }: Size, orientation = 1): ImageHeader {
  if (width === 0 || height === 0) throw new SyntaxError(`image of ${width} x ${height} pixels`);
  return orientation < 5
    ? { format, width, height, orientation }
    : { format, width: height, height: width, orientation };
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
