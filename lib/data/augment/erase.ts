/** Random erasing (Zhong et al. 2020) as timm does it with `pixel`: a box of normal noise. */
import type { Stream } from "../../tensor/mod.ts";
import type { Box } from "../crop.ts";
import type { Picture } from "./image.ts";

/** Share of the picture that is erased, least and greatest; and height over width. */
const AREA = [0.02, 1 / 3] as const, ASPECT = [0.3, 1 / 0.3] as const;
const TRIES = 10;

/** What the noise is drawn around, per channel, on a scale where 255 is 1. */
export interface Noise {
  /** Mean of each channel, where 255 is 1. */
  readonly mean: readonly [number, number, number];
  /** Standard deviation of each channel, where 255 is 1. */
  readonly deviation: readonly [number, number, number];
}

/** The box to erase in a picture, in whole pixels; null if none is. */
export function drawErased(stream: Stream, side: number, probability: number): Box | null {
  if (stream.uniform() >= probability) return null;
  const between = (low: number, high: number) => low + (high - low) * stream.uniform();
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = between(...AREA) * side * side;
    const aspect = Math.exp(between(Math.log(ASPECT[0]), Math.log(ASPECT[1])));
    const height = Math.round(Math.sqrt(area * aspect));
    const width = Math.round(Math.sqrt(area / aspect));
    if (height >= side || width >= side) continue;
    const [top, left] = [stream.below(side - height + 1), stream.below(side - width + 1)];
    return { top, left, height, width };
  }
  return null;
}

/**
 * Puts noise into a box: once normalised its mean is 0 and its deviation 1, but for what a byte cannot hold (3% of it lies
 * beyond black or white, and becomes that).
 */
export function erase({ side, pixels }: Picture, box: Box, stream: Stream, noise: Noise): void {
  const { mean, deviation } = noise;
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let x = box.left; x < box.left + box.width; x++) {
      for (let c = 0; c < 3; c++) {
        const value = Math.round(255 * (mean[c]! + deviation[c]! * stream.normal()));
        pixels[(y * side + x) * 3 + c] = Math.min(255, Math.max(0, value));
      }
    }
  }
}
