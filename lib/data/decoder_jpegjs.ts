/** The portable decoder: `jpeg-js`, and our own resizing. */
import { decode as decodeJpeg } from "jpeg-js";
import manifest from "jpeg-js/package.json" with { type: "json" };
import { type DecodeOptions, type Decoder, MAX_PIXELS } from "./decoder.ts";
import type { ImageHeader } from "./dimensions.ts";
import { packedPart } from "./fit.ts";
import type { Size } from "./index_file.ts";
import { orient } from "./orient.ts";
import { resample } from "./resample.ts";

/** Bytes that decoding takes for a pixel, at most: three coefficients of 4, and what becomes of them. */
const BYTES_PER_PIXEL = 24;

/** Opens it for this thread. */
export function openJpegJs(
  { maxPixels = MAX_PIXELS, fit = "squash", resampling = "bicubic" }: DecodeOptions,
): Decoder {
  const { version } = manifest;
  const limits = {
    maxResolutionInMP: Math.ceil(maxPixels / 1e6),
    maxMemoryUsageInMB: Math.max(512, Math.ceil(maxPixels * BYTES_PER_PIXEL / 1e6)),
  };
  const decode = async (bytes: Uint8Array, header: ImageHeader, target: Size) => {
    const pixels = await decodeWhole(bytes, header, limits);
    const part = packedPart(header, fit);
    return resample(pixels, header, target, { part, resampling });
  };
  return { name: "jpeg-js", version, resize: resampling, decodes: "jpeg", decode };
}

/** What `jpeg-js` refuses, in its own words. */
interface Limits {
  readonly maxResolutionInMP: number;
  readonly maxMemoryUsageInMB: number;
}

/** All of an image, upright. */
function decodeWhole(
  bytes: Uint8Array,
  { format, orientation }: ImageHeader,
  limits: Limits,
): Promise<Uint8Array> {
  return Promise.resolve().then(() => {
    if (format === "raw") return bytes;
    if (format !== "jpeg") throw new Error(`${format} data, which needs sharp`);
    const { data, width, height } = decodeJpeg(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      ...limits,
    });
    return orient(data, { width, height }, orientation);
  });
}
