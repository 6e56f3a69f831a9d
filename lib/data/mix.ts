/** Mixing the images of a batch: mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019), drawn once a batch as timm does. */
import type { Stream } from "../tensor/mod.ts";

/** Which mixtures are drawn. With both, each batch has one or the other, as often. */
export interface MixOptions {
  /** Both parameters of mixup's Beta distribution; 0 is no mixup. */
  readonly mixup: number;
  /** The same for CutMix. */
  readonly cutmix: number;
  /** Pixels a side of the images that are mixed. */
  readonly imageSize: number;
}

/** How an image `a` and its partner `b` become one: inside a box `b`, outside of it `image a + (1 - image) b`. */
export interface Mix {
  /** Share of `a` outside the box, in [0, 1]. */
  readonly image: number;
  /** Share of `a`'s label, in [0, 1]. */
  readonly label: number;
  /** Rows and columns `first <= i < end` of the box, in pixels; empty for mixup. */
  readonly top: number;
  /** First column of the box. */
  readonly left: number;
  /** Row after the last of the box. */
  readonly bottom: number;
  /** Column after the last of the box. */
  readonly right: number;
}

/** Numbers of a mix as a batch holds it: those of {@linkcode Mix}, in their order. */
export const MIX_NUMBERS = 6;

/**
 * One batch's mix.
 *
 * @example
 * ```ts
 * import { tensor } from "../../mod.ts";
 * import { drawMix } from "./mod.ts";
 *
 * const stream = tensor.random({ seed: 0, purpose: "mix" });
 * const { label } = drawMix(stream, { mixup: 0.8, cutmix: 1, imageSize: 32 });
 * console.assert(label >= 0 && label <= 1);
 * ```
 */
export function drawMix(stream: Stream, { mixup, cutmix, imageSize }: MixOptions): Mix {
  const cuts = mixup > 0 && cutmix > 0 ? stream.uniform() < 0.5 : cutmix > 0;
  const none = { top: 0, left: 0, bottom: 0, right: 0 };
  if (mixup <= 0 && cutmix <= 0) return { image: 1, label: 1, ...none };
  const share = beta(stream, cuts ? cutmix : mixup);
  if (!cuts) return { image: share, label: share, ...none };
  const side = Math.floor(imageSize * Math.sqrt(1 - share));
  const inside = (place: number) => Math.min(Math.max(place, 0), imageSize);
  const range = () => {
    const first = stream.below(imageSize) - Math.floor(side / 2);
    return [inside(first), inside(first + side)] as const;
  };
  const [top, bottom] = range();
  const [left, right] = range();
  const label = 1 - (bottom - top) * (right - left) / imageSize ** 2; // what the box really covers
  return { image: 1, label, top, left, bottom, right };
}

/**
 * {@linkcode MIX_NUMBERS} numbers.
 *
 * @example
 * ```ts
 * import { tensor } from "../../mod.ts";
 * import { drawMix, MIX_NUMBERS, mixNumbers } from "./mod.ts";
 *
 * const stream = tensor.random({ seed: 0, purpose: "mix" });
 * const mix = drawMix(stream, { mixup: 0.8, cutmix: 1, imageSize: 32 });
 * console.assert(mixNumbers(mix).length === MIX_NUMBERS);
 * ```
 */
export function mixNumbers({ image, label, top, left, bottom, right }: Mix): number[] {
  return [image, label, top, left, bottom, right];
}

/** Beta(alpha, alpha), alpha > 0. */
function beta(stream: Stream, alpha: number): number {
  const [a, b] = [gamma(stream, alpha), gamma(stream, alpha)];
  return a + b > 0 ? a / (a + b) : 0.5; // both underflow for a tiny alpha only
}

/** Gamma(shape, 1), shape > 0 (Marsaglia and Tsang 2000). */
function gamma(stream: Stream, shape: number): number {
  if (shape < 1) return gamma(stream, shape + 1) * (1 - stream.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  while (true) {
    const x = stream.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - stream.uniform();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
