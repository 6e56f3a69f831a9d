/** The fast decoder: libvips through `sharp`. */
import sharp from "sharp";
import type { ImageHeader } from "./dimensions.ts";
import { type DecodeOptions, type Decoder, MAX_PIXELS } from "./decoder.ts";
import type { Size } from "./index_file.ts";

/** A pipeline of `sharp`. */
type Image = ReturnType<typeof sharp>;

/** Opens it for this thread: images are decoded beside one another, so each gets one thread. */
export function openSharp(
  { background = "#ffffff", maxPixels = MAX_PIXELS }: DecodeOptions,
): Decoder {
  sharp.concurrency(1);
  sharp.cache(false);
  const version = `${sharp.versions.sharp} (libvips ${sharp.versions.vips})`;
  return { name: "sharp", version, resize: "cubic", decodes: "all", decode };

  async function decode(bytes: Uint8Array, header: ImageHeader, target: Size): Promise<Uint8Array> {
    return await pixelsOf(open(bytes, header, { background, maxPixels }), header, target);
  }
}

/** The image upright and without transparency. */
function open(
  bytes: Uint8Array,
  { format, width, height, orientation }: ImageHeader,
  { background, maxPixels }: Pick<Required<DecodeOptions>, "background" | "maxPixels">,
): Image {
  if (format === "raw") return sharp(bytes, { raw: { width, height, channels: 3 } });
  // colours as they are in the file, whatever profile it names: what Pillow and jpeg-js give
  const image = sharp(bytes, { failOn: "error", ignoreIcc: true, limitInputPixels: maxPixels });
  const upright = orientation === 1 ? image : image.autoOrient();
  return format === "jpeg" ? upright : upright.flatten({ background });
}

async function pixelsOf(image: Image, header: ImageHeader, target: Size): Promise<Uint8Array> {
  if (target.width !== header.width || target.height !== header.height) {
    // libvips' "cubic" is a = -0.5; without the fast shrink, at least the last halving is the kernel's
    image = image.resize(target.width, target.height, {
      fit: "fill",
      kernel: "cubic",
      fastShrinkOnLoad: false,
    });
  }
  const { data, info } = await image.toColourspace("srgb").raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.width !== target.width || info.height !== target.height || info.channels !== 3) {
    throw new Error(`decoded to ${info.width} x ${info.height} x ${info.channels}`);
  }
  return data;
}
