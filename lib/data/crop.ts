/**
 * Random resized crops: a box of random area and aspect, which the training graph resizes to the model's input.
 *
 * The distribution is torchvision's `RandomResizedCrop.get_params`, in whole pixels of the original image: area
 * uniform in `scale`, aspect log-uniform in `ratio`, 10 tries, then the largest central box within `ratio`. Drawn
 * once, as MAE does for linear probes: one try, clipped to the image.
 */
import type { Stream } from "../tensor/mod.ts";
import type { Size } from "./index_file.ts";

/** Which crops are drawn. */
export interface CropOptions {
  /** Least and greatest share of the image's area. */
  readonly scale: readonly [number, number];
  /** Least and greatest width / height. */
  readonly ratio: readonly [number, number];
  /** True takes the first draw, clipped to the image, so that the aspect may leave `ratio`; false unless given. */
  readonly once?: boolean;
}

/** A box; its unit is a pixel, its origin the image's top left corner. */
export interface Box {
  /** Rows above the box. */
  readonly top: number;
  /** Columns left of the box. */
  readonly left: number;
  /** Rows of the box. */
  readonly height: number;
  /** Columns of the box. */
  readonly width: number;
}

const TRIES = 10;

/**
 * The crops as given.
 *
 * @throws {RangeError} if a range is empty, or reaches beyond the image.
 *
 * @example
 * ```ts
 * import { checkCrop } from "./mod.ts";
 *
 * checkCrop({ scale: [0.2, 1], ratio: [3 / 4, 4 / 3] });
 * ```
 */
export function checkCrop(crop: CropOptions): CropOptions {
  const { scale, ratio } = crop;
  if (!(0 < scale[0] && scale[0] <= scale[1] && scale[1] <= 1)) {
    throw new RangeError(
      `Cannot crop with scale [${scale}]: it must be 0 < least <= greatest <= 1`,
    );
  }
  if (!(0 < ratio[0] && ratio[0] <= ratio[1] && ratio[1] < Infinity)) {
    throw new RangeError(`Cannot crop with ratio [${ratio}]: it must be 0 < least <= greatest`);
  }
  return crop;
}

/** The box that evaluation looks at: a central square. */
export interface CentreOptions {
  /** Side of the square over the image's shorter side, in (0, 1]. */
  readonly centre: number;
}

/**
 * What evaluation at `imageSize` pixels a side looks at: a central square, up to 224 pixels cut out of n/0.875; null, the whole
 * image, where the stored ones have that size already.
 *
 * @example
 * ```ts
 * import { evaluationCrop } from "./mod.ts";
 *
 * console.assert(evaluationCrop(32, 32) === null);
 * console.log(evaluationCrop(224, 256));
 * ```
 */
export function evaluationCrop(imageSize: number, storedSize: number): CentreOptions | null {
  if (imageSize === storedSize) return null;
  return { centre: imageSize > 224 ? 1 : 0.875 };
}

/**
 * The central square of an image, in its pixels; fractional.
 *
 * @example
 * ```ts
 * import { centreCrop } from "./mod.ts";
 *
 * const { left, width } = centreCrop({ width: 100, height: 50 }, { centre: 1 });
 * console.assert(left === 25 && width === 50);
 * ```
 */
export function centreCrop({ width, height }: Size, { centre }: CentreOptions): Box {
  const side = Math.min(width, height) * centre;
  return { top: (height - side) / 2, left: (width - side) / 2, height: side, width: side };
}

/**
 * A box in an image of the given size, whole numbers.
 *
 * @example
 * ```ts
 * import { tensor } from "../../mod.ts";
 * import { randomResizedCrop } from "./mod.ts";
 *
 * const stream = tensor.random({ seed: 0, purpose: "crop" });
 * const crop = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
 * const { top, height } = randomResizedCrop(stream, { width: 64, height: 48 }, crop);
 * console.assert(top >= 0 && top + height <= 48);
 * ```
 */
export function randomResizedCrop(
  stream: Stream,
  { width, height }: Size,
  { scale, ratio, once = false }: CropOptions,
): Box {
  const between = (low: number, high: number) => low + (high - low) * stream.uniform();
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = width * height * between(...scale);
    const aspect = Math.exp(between(Math.log(ratio[0]), Math.log(ratio[1])));
    const drawnWidth = Math.round(Math.sqrt(area * aspect));
    const drawnHeight = Math.round(Math.sqrt(area / aspect));
    const w = once ? clip(drawnWidth, width) : drawnWidth;
    const h = once ? clip(drawnHeight, height) : drawnHeight;
    if (w < 1 || w > width || h < 1 || h > height) continue;
    return {
      top: stream.below(height - h + 1),
      left: stream.below(width - w + 1),
      height: h,
      width: w,
    };
  }
  return centralCrop({ width, height }, ratio);
}

/** A side of at least a pixel, and at most the image's. */
function clip(side: number, most: number): number {
  return Math.min(Math.max(side, 1), most);
}

/** The largest central box whose aspect is within `ratio`. */
function centralCrop({ width, height }: Size, ratio: CropOptions["ratio"]): Box {
  const aspect = width / height;
  const w = aspect > ratio[1] ? Math.round(height * ratio[1]) : width;
  const h = aspect < ratio[0] ? Math.round(width / ratio[0]) : height;
  return {
    top: Math.floor((height - h) / 2),
    left: Math.floor((width - w) / 2),
    height: h,
    width: w,
  };
}

/**
 * A box of an image of size `from`, in the pixels of the same image at size `to`: fractional.
 *
 * @example
 * ```ts
 * import { scaleBox } from "./mod.ts";
 *
 * const box = { top: 0, left: 10, height: 20, width: 20 };
 * const scaled = scaleBox(box, { width: 40, height: 40 }, { width: 20, height: 20 });
 * console.assert(scaled.left === 5 && scaled.width === 10);
 * ```
 */
export function scaleBox(box: Box, from: Size, to: Size): Box {
  const x = to.width / from.width;
  const y = to.height / from.height;
  return { top: box.top * y, left: box.left * x, height: box.height * y, width: box.width * x };
}
