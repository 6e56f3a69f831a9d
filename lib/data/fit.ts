/** How an image is fitted into the square that a record is. */
import type { Size } from "./index_file.ts";

/** Ways to fit an image, the default first. */
export const FITS = ["squash", "crop"] as const;

/** `squash` packs the whole image, each side on its own; `crop` packs its central square. */
export type Fit = (typeof FITS)[number];

/** A part of an image in its pixels, upright. */
export interface Part extends Size {
  readonly left: number;
  readonly top: number;
}

/** How images are fitted. */
export interface FitOptions {
  /** Width and height of a record. */
  readonly size: number;
  readonly fit: Fit;
  /** Whether what is smaller than the size is enlarged to it. */
  readonly enlarged: boolean;
}

/** The part of an upright image that is packed; of two central squares the upper or left one. */
export function packedPart({ width, height }: Size, fit: Fit): Part {
  if (fit === "squash") return { left: 0, top: 0, width, height };
  const side = Math.min(width, height);
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  return { left, top, width: side, height: side };
}

/** The size at which an image is stored: each side at most the dataset's, or exactly it if enlarged. */
export function storedSize(original: Size, { size, fit, enlarged }: FitOptions): Size {
  if (enlarged) return { width: size, height: size };
  const { width, height } = packedPart(original, fit);
  return { width: Math.min(width, size), height: Math.min(height, size) };
}
