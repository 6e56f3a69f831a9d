/**
 * JPEGs to a smaller size, in this thread: a decoder and Pillow's resizing in SIMD, by `@napi-rs/image`. libvips takes half
 * as long again for the same: its pipeline hands every strip of an image from thread to thread.
 */
import type { ImageHeader } from "./dimensions.ts";
import type { DecodeTarget } from "./decoder.ts";
import { tellCollector } from "./native_memory.ts";
import type { Resampling } from "./resample.ts";
import { withoutAlpha } from "./without_alpha.ts";

/** Version of the package, as deno.json pins it. */
const VERSION = "1.15.0";

/** The library's numbers for ways to resize, which only its declarations name; its box is not our `area`. */
const FILTERS: Partial<Record<Resampling, number>> = { bicubic: 3, lanczos: 5 };

/** Its number for taking an image whole, each side on its own. */
const FILL = 1;

/** A JPEG's last bytes; some programs write a few more. */
const END = [0xff, 0xd9] as const;
const MOST_AFTER = 64;

/** Pixels of RGBA, which it resizes whatever an image has. */
const CHANNELS = 4;

/** Shrinks JPEGs. */
export interface Shrinker {
  readonly name: "@napi-rs/image";
  readonly version: string;
  /**
   * @returns uint8 [target.height, target.width, 3], in `target.into` if there is; undefined if the file is none that it takes:
   * only whole, upright JPEGs of grey or colour, to be made smaller.
   */
  shrink(bytes: Uint8Array, header: ImageHeader, target: DecodeTarget): Uint8Array | undefined;
}

/** Loads the library; null where it does not load, or resizes in no such way. */
export async function openShrinker(resampling: Resampling): Promise<Shrinker | null> {
  const filter = FILTERS[resampling];
  if (filter === undefined) return null;
  const library = await import("@napi-rs/image").catch(() => null);
  if (library === null) return null;
  return {
    name: "@napi-rs/image",
    version: VERSION,
    shrink(bytes, { format, width, height, orientation, cmyk }, { into, ...target }) {
      const isPlain = format === "jpeg" && orientation === 1 && !cmyk;
      if (!isPlain || target.width > width || target.height > height || !isWhole(bytes)) return;
      const image = resized(() =>
        new library.Transformer(bytes).fastResize({ ...target, filter, fit: FILL }).rawPixelsSync()
      );
      tellCollector(bytes.length + width * height * CHANNELS);
      if (image?.length !== target.width * target.height * CHANNELS) return;
      return withoutAlpha(image, into);
    },
  };
}

/** What the library makes of an image; undefined where it refuses to: libvips says what is wrong with it. */
function resized(work: () => Uint8Array): Uint8Array | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** True if nothing is cut off, which this library bears in silence. */
function isWhole(bytes: Uint8Array): boolean {
  const least = Math.max(0, bytes.length - MOST_AFTER);
  for (let at = bytes.length - END.length; at >= least; at--) {
    if (bytes[at] === END[0] && bytes[at + 1] === END[1]) return true;
  }
  return false;
}
