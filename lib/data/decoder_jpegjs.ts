/** The portable decoder: `jpeg-js`, and our own resizing. */
import { decode as decodeJpeg } from "jpeg-js";
import manifest from "jpeg-js/package.json" with { type: "json" };
import { type DecodeOptions, type Decoder, MAX_PIXELS } from "./decoder.ts";
import type { ImageHeader } from "./dimensions.ts";
import type { Size } from "./index_file.ts";
import { orient } from "./orient.ts";
import { resample } from "./resample.ts";

/** Bytes that decoding takes for a pixel, at most: three coefficients of 4, and what becomes of them. */
const BYTES_PER_PIXEL = 24;

/** Opens it for this thread. */
export function openJpegJs({ maxPixels = MAX_PIXELS }: DecodeOptions): Decoder {
  const { version } = manifest;
  const decode = async (bytes: Uint8Array, header: ImageHeader, target: Size) =>
    resample(await decodeWhole(bytes, header, maxPixels), header, target);
  return { name: "jpeg-js", version, resize: "bicubic", decodes: "jpeg", decode };
}

/** All of an image, upright. */
function decodeWhole(
  bytes: Uint8Array,
  header: ImageHeader,
  maxPixels: number,
): Promise<Uint8Array> {
  return Promise.resolve().then(() => {
    if (header.format === "raw") return bytes;
    if (header.format !== "jpeg") throw new Error(`${header.format} data, which needs sharp`);
    const { data, width, height } = decodeJpeg(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: Math.ceil(maxPixels / 1e6),
      maxMemoryUsageInMB: Math.max(512, Math.ceil(maxPixels * BYTES_PER_PIXEL / 1e6)),
    });
    return orient(data, { width, height }, header.orientation);
  });
}
