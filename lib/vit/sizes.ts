/** Named sizes of Vision Transformers (Dosovitskiy et al. 2021, He et al. 2022). */

/** Width, depth, heads and default patch of an encoder. */
export interface Size {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly patch: number;
}

/** The sizes by name. */
export const SIZES = {
  tiny: { width: 192, depth: 12, heads: 3, patch: 16 },
  small: { width: 384, depth: 12, heads: 6, patch: 16 },
  base: { width: 768, depth: 12, heads: 12, patch: 16 },
  large: { width: 1024, depth: 24, heads: 16, patch: 16 },
  huge: { width: 1280, depth: 32, heads: 16, patch: 14 },
} as const satisfies Record<string, Size>;

/** Name of a size. */
export type SizeName = keyof typeof SIZES;
