/**
 * The crop that the training graph makes, in a data worker: a box of a record resized by antialiased bicubic interpolation (a =
 * -0.5), and mirrored. The result is rounded, as pixels are bytes.
 */
import type { Box } from "../crop.ts";
import type { Picture } from "./image.ts";

/** Weights of each output position, and the first input position that they are for. */
interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `[output, most]`. */
  readonly weights: Float64Array;
}

/** Cuts boxes out of records of one side, in memory that is used again. */
export class HostCrop {
  readonly #across: Taps;
  readonly #down: Taps;
  readonly #most: number;
  readonly #lines: Float32Array;

  /**
   * @param input side of the records.
   * @param output side of the result.
   */
  constructor(readonly input: number, readonly output: number) {
    this.#most = input + 1;
    const taps = (): Taps => ({
      starts: new Int32Array(output),
      counts: new Int32Array(output),
      weights: new Float64Array(output * this.#most),
    });
    this.#across = taps();
    this.#down = taps();
    this.#lines = new Float32Array(input * output * 3);
  }

  /**
   * Fills `target` (side `output`) with a box of `record` (side `input`); taps outside the box but in the record are used, as Pillow
   * does.
   */
  crop(record: Picture, box: Box, flipped: boolean, target: Picture): void {
    const { input, output } = this;
    this.#fill(this.#across, box.left, box.width);
    this.#fill(this.#down, box.top, box.height);
    const { starts, counts } = this.#down;
    const [first, end] = [starts[0]!, starts[output - 1]! + counts[output - 1]!];
    for (let y = first; y < end; y++) {
      resizeLine(record.pixels, y * input * 3, this.#across, {
        most: this.#most,
        lines: this.#lines,
        at: y * output * 3,
        flipped,
      });
    }
    this.#resizeColumns(target.pixels);
  }

  /** The second pass. */
  #resizeColumns(target: Uint8Array): void {
    const { starts, counts, weights } = this.#down;
    const row = this.output * 3;
    const lines = this.#lines;
    const sums = new Float64Array(row);
    for (let y = 0; y < this.output; y++) {
      sums.fill(0);
      for (let k = 0; k < counts[y]!; k++) {
        const weight = weights[y * this.#most + k]!;
        const start = (starts[y]! + k) * row;
        for (let i = 0; i < row; i++) sums[i]! += weight * lines[start + i]!;
      }
      for (let i = 0; i < row; i++) {
        const value = sums[i]!;
        target[y * row + i] = value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5;
      }
    }
  }

  #fill({ starts, counts, weights }: Taps, from: number, length: number): void {
    const { input, output } = this;
    const scale = length / output;
    const reach = Math.max(scale, 1);
    for (let i = 0; i < output; i++) {
      const middle = from + (i + 0.5) * scale;
      const start = Math.min(input - 1, Math.max(0, Math.floor(middle - 2 * reach)));
      const end = Math.max(start + 1, Math.min(input, Math.ceil(middle + 2 * reach)));
      let sum = 0;
      for (let k = start; k < end; k++) {
        const weight = cubic(Math.abs(k + 0.5 - middle) / reach);
        weights[i * this.#most + k - start] = weight;
        sum += weight;
      }
      starts[i] = start;
      counts[i] = end - start;
      for (let k = 0; k < end - start; k++) weights[i * this.#most + k]! /= sum;
    }
  }
}

/** The first pass of one line, clipped but not rounded. */
function resizeLine(
  pixels: Uint8Array,
  begin: number,
  { starts, counts, weights }: Taps,
  { most, lines, at, flipped }: {
    readonly most: number;
    readonly lines: Float32Array;
    readonly at: number;
    readonly flipped: boolean;
  },
): void {
  const output = starts.length;
  for (let x = 0; x < output; x++) {
    let from = begin + 3 * starts[x]!;
    let red = 0, green = 0, blue = 0;
    for (let k = x * most; k < x * most + counts[x]!; k++, from += 3) {
      const weight = weights[k]!;
      red += weight * pixels[from]!;
      green += weight * pixels[from + 1]!;
      blue += weight * pixels[from + 2]!;
    }
    const to = at + 3 * (flipped ? output - 1 - x : x);
    lines[to] = clip(red);
    lines[to + 1] = clip(green);
    lines[to + 2] = clip(blue);
  }
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Keys' kernel (1981) with a = -0.5, for x >= 0. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return -0.5 * (((x - 5) * x + 8) * x - 4);
  return 0;
}
