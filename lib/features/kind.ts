/** Which of an encoder's outputs are its features. */

/** What stands for an image: the CLS token, or the mean of its patches. */
export const POOLS = ["cls", "mean"] as const;
/** One of {@linkcode POOLS}. */
export type Pool = (typeof POOLS)[number];

/** Which blocks are looked at: the last one, or each, side by side. */
export const FEATURE_LAYERS = ["last", "all"] as const;
/** One of {@linkcode FEATURE_LAYERS}. */
export type FeatureLayers = (typeof FEATURE_LAYERS)[number];

/** What the features of an image are. */
export interface FeatureKind {
  /** What stands for an image. */
  readonly pool: Pool;
  /** Of the last block, or of all. */
  readonly layers: FeatureLayers;
}

/**
 * The kind in words: "CLS", "mean of patches, all layers".
 *
 * @example
 * ```ts
 * import { showKind } from "./mod.ts";
 *
 * console.assert(showKind({ pool: "mean", layers: "all" }) === "mean of patches, all layers");
 * ```
 */
export function showKind({ pool, layers }: FeatureKind): string {
  const pooled = pool === "cls" ? "CLS" : "mean of patches";
  return layers === "last" ? pooled : `${pooled}, all layers`;
}
