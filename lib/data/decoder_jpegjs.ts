/** The portable decoder: `jpeg-js`, and our own resizing. */
import { decode as decodeJpeg } from "jpeg-js";
import manifest from "jpeg-js/package.json" with { type: "json" };
import type { Decoder } from "./decoder.ts";
import type { ImageHeader } from "./dimensions.ts";
import type { Size } from "./index_file.ts";
import { orient } from "./orient.ts";
import { resample } from "./resample.ts";

/** Opens it for this thread. */
export function openJpegJs(): Decoder {
  const { version } = manifest;
  return { name: "jpeg-js", version, resize: "bicubic", decodes: "jpeg", decode };
}

function decode(bytes: Uint8Array, header: ImageHeader, target: Size): Promise<Uint8Array> {
  return Promise.resolve().then(() => {
    if (header.format !== "jpeg") throw new Error(`${header.format} data, which needs sharp`);
    const { data, width, height } = decodeJpeg(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
    });
    const upright = orient(data, { width, height }, header.orientation);
    return resample(upright, header, target);
  });
}
