/** The fast decoder: libvips through `sharp`. */
import sharp from "sharp";
import type { ImageHeader } from "./dimensions.ts";
import { type DecodeOptions, type Decoder, type DecodeTarget, MAX_PIXELS } from "./decoder.ts";
import { packedPart } from "./fit.ts";
import type { Size } from "./index_file.ts";
import { type LibjpegTurbo, openLibjpegTurbo } from "./libjpeg_turbo.ts";
import { resample, type Resampling } from "./resample.ts";
import { openShrinker } from "./shrink_jpeg.ts";

/** A pipeline of `sharp`. */
type Image = ReturnType<typeof sharp>;

/** Kernels of libvips that compute what the name says; its "cubic" is a = -0.5. Other ways are our own. */
const KERNELS: Partial<Record<Resampling, "cubic" | "lanczos3">> = {
  bicubic: "cubic",
  lanczos: "lanczos3",
};

/**
 * Pixels up to which a JPEG that needs no resizing is decoded without libvips, whose pipeline takes some 0.4 ms for any image.
 * The pixels are the same, since both use libjpeg-turbo.
 */
const SMALL_JPEG = 128 * 128;

/** Opens it for this thread: images are decoded beside one another, so each gets one thread. */
export async function openSharp(options: DecodeOptions): Promise<Decoder> {
  sharp.concurrency(1);
  sharp.cache(false);
  const { fit = "squash", resampling = "bicubic" } = options;
  const turbo = openLibjpegTurbo();
  const kernel = KERNELS[resampling];
  const shrinker = await openShrinker(resampling);
  const decode = async (bytes: Uint8Array, header: ImageHeader, target: DecodeTarget) => {
    const part = packedPart(header, fit);
    const asItIs = isSame(part, target);
    const small = asItIs && isSame(part, header) ? decodeSmall(turbo, bytes, header) : undefined;
    if (small !== undefined) return small;
    const isShrunk = !asItIs && isSame(part, header);
    const shrunk = isShrunk ? shrinker?.shrink(bytes, header, target) : undefined;
    if (shrunk !== undefined) return shrunk;
    const image = header.cmyk
      ? await openInks(bytes, header, options)
      : open(bytes, header, options);
    if (!isSame(part, header)) image.extract({ ...part });
    // libvips enlarges half a pixel aside
    const enlarges = target.width > part.width || target.height > part.height;
    if (asItIs || kernel === undefined || enlarges) {
      const pixels = await pixelsOf(image, part);
      return asItIs ? pixels : resample(pixels, part, target, { resampling });
    }
    // without the fast shrink, at least the last halving is the kernel's
    const resize = { fit: "fill", kernel, fastShrinkOnLoad: false } as const;
    return await pixelsOf(image.resize(target.width, target.height, resize), target);
  };
  const { sharp: wrapper, vips } = sharp.versions;
  const others = [
    `small JPEGs: ${turbo.name} ${turbo.version}`,
    ...shrinker === null ? [] : [`smaller JPEGs: ${shrinker.name} ${shrinker.version}`],
  ];
  return {
    name: "sharp",
    version: `${wrapper} (libvips ${vips}; ${others.join("; ")})`,
    resize: kernel ?? resampling,
    decodes: "all",
    decode,
  };
}

/** Raw pixels or a small upright JPEG; undefined if it is neither, or damaged: libvips says how much that matters. */
function decodeSmall(
  turbo: LibjpegTurbo,
  bytes: Uint8Array,
  header: ImageHeader,
): Uint8Array | undefined {
  const { format, orientation, width, height, cmyk } = header;
  if (format === "raw") return bytes;
  if (format !== "jpeg" || cmyk || orientation !== 1 || width * height > SMALL_JPEG) {
    return undefined;
  }
  try {
    const decoded = turbo.decode(bytes);
    return isSame(decoded, header) ? decoded.pixels : undefined;
  } catch {
    return undefined;
  }
}

/** The image upright and without transparency. */
function open(
  bytes: Uint8Array,
  { format, width, height, orientation }: ImageHeader,
  { background = "#fff", maxPixels = MAX_PIXELS }: DecodeOptions,
): Image {
  if (format === "raw") return sharp(bytes, { raw: { width, height, channels: 3 } });
  // colours as they are in the file, whatever profile it names: what Pillow and jpeg-js give
  const image = sharp(bytes, { failOn: "error", ignoreIcc: true, limitInputPixels: maxPixels });
  const upright = orientation === 1 ? image : image.autoOrient();
  if (format === "jpeg") return upright;
  return upright.pipelineColourspace("srgb").flatten({ background }); // else grey gets a grey background
}

/** A JPEG of four inks. They are not calibrated, as in Pillow and jpeg-js: libvips would take those of a printing press. */
async function openInks(
  bytes: Uint8Array,
  header: ImageHeader,
  options: DecodeOptions,
): Promise<Image> {
  const { data, info } = await open(bytes, header, options).pipelineColourspace("cmyk")
    .toColourspace("cmyk").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (!isSame(info, header) || info.channels !== 4) {
    throw new Error(`decoded to ${info.width} x ${info.height} x ${info.channels}`);
  }
  const pixels = new Uint8Array(3 * info.width * info.height);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const white = 255 - data[from + 3]!;
    for (let ink = 0; ink < 3; ink++) {
      pixels[to++] = white - Math.round(data[from + ink]! * white / 255);
    }
  }
  return sharp(pixels, { raw: { width: info.width, height: info.height, channels: 3 } });
}

/** @param size that must come out. */
async function pixelsOf(image: Image, size: Size): Promise<Uint8Array> {
  const { data, info } = await image.toColourspace("srgb").raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (!isSame(info, size) || info.channels !== 3) {
    throw new Error(`decoded to ${info.width} x ${info.height} x ${info.channels}`);
  }
  return data;
}

function isSame(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
