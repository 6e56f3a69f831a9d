/** Mean and deviation of pixels per channel, from exact sums. */

/** Per channel red, green, blue, on a scale where a pixel is in [0, 1]. */
export interface Statistics {
  readonly mean: readonly [number, number, number];
  /** Standard deviation of the pixels, not of the images' means. */
  readonly deviation: readonly [number, number, number];
}

/** Adds up whole numbers, so that order does not matter. */
export class PixelSums {
  readonly #sums = new Array<bigint>(6).fill(0n);
  #pixels = 0n;

  /** @param sums over an image's pixels: of red, green, blue, then of their squares. */
  add(sums: readonly number[], pixels: number): void {
    sums.forEach((sum, i) => this.#sums[i]! += BigInt(sum));
    this.#pixels += BigInt(pixels);
  }

  /** Adds what other pixels came to; exact but for the rounding of a float64. */
  addStatistics({ mean, deviation }: Statistics, pixels: number): void {
    const sums = mean.map((value) => Math.round(value * 255 * pixels));
    const squares = mean.map((value, c) => {
      return Math.round((deviation[c]! ** 2 + value ** 2) * 255 ** 2 * pixels);
    });
    this.add([...sums, ...squares], pixels);
  }

  statistics(): Statistics {
    const count = Number(this.#pixels);
    const mean = [0, 1, 2].map((c) => Number(this.#sums[c]!) / count / 255);
    const deviation = [0, 1, 2].map((c) => {
      const sum = this.#sums[c]!;
      const variance = Number(this.#sums[c + 3]! * this.#pixels - sum * sum) / count ** 2;
      return Math.sqrt(variance) / 255;
    });
    return { mean: triple(mean), deviation: triple(deviation) };
  }
}

function triple([a, b, c]: readonly number[]): [number, number, number] {
  return [a!, b!, c!];
}
