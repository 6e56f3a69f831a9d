/** What storing an image smaller costs the crops that training cuts. */
import {
  type Box,
  type CropOptions,
  randomResizedCrop,
  scaleBox,
  type Size,
} from "../../lib/data/mod.ts";
import { random } from "../../lib/tensor/mod.ts";
import type { Cropper, Image } from "./cropper.ts";

/** What pretraining cuts. */
export const CROPS: CropOptions = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] };

/** What storing came to. */
export interface StoringCost {
  /** Mean absolute error of all values of all crops, on the scale 0-255. */
  readonly error: number;
  /** The error that a twentieth of the crops exceed. */
  readonly error95: number;
  /** Share of the crops that are enlarged on a side. */
  readonly enlarged: number;
}

/** The boxes of image `i` of `images`, when `crops` are spread over all: in pixels of the original. */
export function boxesOf(
  original: Size,
  { i, images, crops }: { readonly i: number; readonly images: number; readonly crops: number },
): Box[] {
  const count = Math.floor(crops / images) + (i < crops % images ? 1 : 0);
  return Array.from({ length: count }, (_, epoch) => {
    const stream = random({ seed: 0, epoch, sample: i, purpose: "crop" });
    return randomResizedCrop(stream, original, CROPS);
  });
}

/** Compares crops of stored images with those of the originals. */
export class StoringStudy {
  readonly #cropper: Cropper;
  readonly #output: number;
  readonly #errors: number[] = [];
  #enlarged = 0;

  constructor(cropper: Cropper, output: number) {
    this.#cropper = cropper;
    this.#output = output;
  }

  /** @param expected the boxes, cut out of the original. */
  add(
    original: Size,
    stored: Image,
    { boxes, expected }: {
      readonly boxes: readonly Box[];
      readonly expected: readonly Float32Array[];
    },
  ): void {
    const scaled = boxes.map((box) => scaleBox(box, original, stored));
    this.#cropper.cut(stored, scaled).forEach((found, i) => {
      this.#errors.push(meanDifference(found, expected[i]!));
      const { width, height } = scaled[i]!;
      if (Math.min(width, height) < this.#output) this.#enlarged++;
    });
  }

  cost(): StoringCost {
    const sorted = this.#errors.toSorted((a, b) => a - b);
    return {
      error: sorted.reduce((sum, error) => sum + error, 0) / sorted.length,
      error95: sorted[Math.floor(0.95 * sorted.length)]!,
      enlarged: this.#enlarged / sorted.length,
    };
  }
}

/** Mean absolute difference. */
export function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
