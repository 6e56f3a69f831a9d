/** Turning image files into pixels: one interface, two libraries. */
import type { ImageHeader } from "./dimensions.ts";
import { MissingDecoderError } from "./error.ts";
import type { Fit } from "./fit.ts";
import type { Size } from "./index_file.ts";
import type { Resampling } from "./resample.ts";

/** Names of the decoders, the one preferred first. */
export const DECODERS = ["sharp", "jpeg-js"] as const;

/** Name of a decoder. */
export type DecoderName = (typeof DECODERS)[number];

/** Most pixels that an image may have unless told otherwise: sharp's limit, 16383 x 16383. */
export const MAX_PIXELS = 268_402_689;

/** What is made of every image. */
export interface DecodeOptions {
  /** Colour behind transparent pixels, `#rrggbb`; white unless given. */
  readonly background?: string;
  /** Most pixels that an image may have; {@linkcode MAX_PIXELS} unless given. */
  readonly maxPixels?: number;
  /** The part that is taken; `squash` unless given. */
  readonly fit?: Fit;
  /** How it is resized; `bicubic` unless given. */
  readonly resampling?: Resampling;
}

/** What an image is made into. */
export interface DecodeTarget extends Size {
  /** Memory for just its pixels; a decoder that would only copy them leaves it alone. */
  readonly into?: Uint8Array;
}

/** Decodes and resizes images. Equal input gives equal pixels, in any thread. */
export interface Decoder {
  readonly name: DecoderName;
  readonly version: string;
  /** How it resizes, for the manifest. */
  readonly resize: string;
  /** Formats it reads: JPEG alone, or all that are recognised. */
  readonly decodes: "jpeg" | "all";
  /**
   * Decodes an image, turns it upright, takes the part that fits and, unless that has the size already, resizes it to
   * `target`.
   *
   * @returns uint8 [target.height, target.width, 3] in sRGB: `target.into`, or other memory.
   * @throws {Error} if the image is damaged or not of a format it reads; the message is the reason alone.
   */
  decode(bytes: Uint8Array, header: ImageHeader, target: DecodeTarget): Promise<Uint8Array>;
}

/**
 * Loads a decoder.
 *
 * @param name which one; left out, the first that loads.
 * @throws {MissingDecoderError} if it does not load here.
 *
 * @example
 * ```ts
 * import { openDecoder } from "./mod.ts";
 *
 * const { name, version } = await openDecoder();
 * console.log(name, version);
 * ```
 */
export async function openDecoder(
  name?: DecoderName,
  options: DecodeOptions = {},
): Promise<Decoder> {
  if (name === "jpeg-js") return (await import("./decoder_jpegjs.ts")).openJpegJs(options);
  try {
    return await (await import("./decoder_sharp.ts")).openSharp(options);
  } catch (cause) {
    if (name === undefined) return await openDecoder("jpeg-js", options);
    throw new MissingDecoderError("Cannot load sharp, which not every system has: use jpeg-js", {
      cause,
    });
  }
}
