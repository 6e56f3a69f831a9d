/** Augmentation in data workers: what is not cheap in a graph. */
import { random } from "../../tensor/mod.ts";
import type { Box } from "../crop.ts";
import type { Colour } from "./affine.ts";
import { drawErased, erase, type Noise } from "./erase.ts";
import { HostCrop } from "./host_crop.ts";
import { Canvas, type Picture } from "./image.ts";
import { apply, drawOperations, type RandAugmentOptions } from "./rand_augment.ts";

/** What becomes of an image after its crop and flip. */
export interface AugmentOptions {
  /** Pixels a side of what comes out. */
  readonly imageSize: number;
  /** Null: none. */
  readonly randAugment: RandAugmentOptions | null;
  /** Probability with which a box is erased, in [0, 1]. */
  readonly erasing: number;
  /** By what the pixels will be normalised: the mean is shown where nothing is, and erased boxes are drawn around it. */
  readonly noise: Noise;
}

/** The options as given. @throws {RangeError} if one is out of its range. */
export function checkAugment(options: AugmentOptions | null): AugmentOptions | null {
  if (options !== null && !(options.erasing >= 0 && options.erasing <= 1)) {
    throw new RangeError(`Cannot erase with probability ${options.erasing}: it is from 0 to 1`);
  }
  return options;
}

/** Which image it is. */
export interface AugmentKey {
  readonly seed: number;
  readonly epoch: number;
  readonly sample: number;
}

/** How a record is cut. */
export interface Cut {
  /** In pixels of the record. */
  readonly box: Box;
  readonly flipped: boolean;
}

/** Augments images of one thread. What it makes of one is a pure function of its record, its cut and its key. */
export class Augmenter {
  readonly #options: AugmentOptions;
  readonly #record: Picture;
  readonly #crop: HostCrop;
  readonly #canvas: Canvas;
  readonly #fill: Colour;

  /** @param side pixels a side of the records. */
  constructor(side: number, options: AugmentOptions) {
    const { imageSize, noise: { mean: [red, green, blue] } } = options;
    this.#options = options;
    this.#record = { side, pixels: new Uint8Array(side * side * 3) };
    this.#crop = new HostCrop(side, imageSize);
    this.#canvas = new Canvas(imageSize);
    const byte = (mean: number) => Math.min(255, Math.round(255 * mean));
    this.#fill = [byte(red), byte(green), byte(blue)];
  }

  /** Where the next record is to be put, uint8 `[side, side, 3]`. */
  get record(): Uint8Array {
    return this.#record.pixels;
  }

  /** Makes an image of what is in `record`. @param target uint8 `[imageSize, imageSize, 3]`. */
  augment(target: Uint8Array, { box, flipped }: Cut, key: AugmentKey): void {
    const { imageSize, randAugment, erasing, noise } = this.#options;
    const picture = { side: imageSize, pixels: target };
    this.#crop.crop(this.#record, box, flipped, picture);
    if (randAugment !== null) {
      const around = { fill: this.#fill, canvas: this.#canvas };
      const stream = random({ ...key, purpose: "augment" });
      for (const drawn of drawOperations(stream, randAugment)) apply(picture, drawn, around);
    }
    if (erasing <= 0) return;
    const stream = random({ ...key, purpose: "erase" });
    const erased = drawErased(stream, imageSize, erasing);
    if (erased !== null) erase(picture, erased, stream, noise);
  }
}
