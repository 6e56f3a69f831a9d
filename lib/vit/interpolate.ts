/** Positions for another grid of patches: bicubic, as MAE does when it fine-tunes at another size. */

/** Parameter of the cubic kernel (Keys 1981); PyTorch's `interpolate`, unlike Pillow, takes -0.75. */
const A = -0.75;

/** How one place of the new grid is made of four of the old: their indices and weights. */
interface Taps {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/**
 * The positions of a grid of `from * from` patches resampled to `to * to`, as `torch.nn.functional.interpolate` with
 * `mode="bicubic", align_corners=False` does (no antialiasing). The position of CLS is left as it is.
 *
 * @param positions `[1 + from * from, D]` in row-major order, CLS first.
 * @returns `[1 + to * to, D]`, a new array.
 * @throws {RangeError} if a grid is no whole number >= 1.
 * @throws {TypeError} if the positions are not those of the grid.
 *
 * @example
 * ```ts
 * import { nn } from "../../mod.ts";
 * import { interpolatePositions } from "./mod.ts";
 *
 * const positions = nn.sinCosPositions(8, 4);
 * console.assert(interpolatePositions(positions, 4, 6).length === (1 + 6 * 6) * 8);
 * ```
 */
export function interpolatePositions(
  positions: Float32Array,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  for (const grid of [from, to]) {
    if (!Number.isSafeInteger(grid) || grid < 1) {
      throw new RangeError(
        `Cannot interpolate positions for a grid of ${grid}: it must be a whole number >= 1`,
      );
    }
  }
  const width = positions.length / (1 + from * from);
  if (!Number.isInteger(width) || width === 0) {
    throw new TypeError(
      `Cannot interpolate ${positions.length} numbers as positions of a ${from} x ${from} grid: ` +
        `it takes a multiple of ${1 + from * from}, one for CLS included`,
    );
  }
  if (from === to) return positions.slice() as Float32Array<ArrayBuffer>;
  const taps = Array.from({ length: to }, (_, i) => tapsOf(i, from, to));
  const result = new Float32Array((1 + to * to) * width);
  result.set(positions.subarray(0, width));
  for (let row = 0; row < to; row++) {
    for (let column = 0; column < to; column++) {
      const start = (1 + row * to + column) * width;
      const target = result.subarray(start, start + width);
      sumUp(target, positions, { rows: taps[row]!, columns: taps[column]!, from });
    }
  }
  return result;
}

/** Four neighbours along one axis; those outside the grid are the nearest inside. */
function tapsOf(index: number, from: number, to: number): Taps {
  const centre = (index + 0.5) * from / to - 0.5;
  const first = Math.floor(centre);
  const t = centre - first;
  const inside = (place: number) => Math.min(Math.max(place, 0), from - 1);
  return {
    places: [-1, 0, 1, 2].map((offset) => inside(first + offset)),
    weights: [far(t + 1), near(t), near(1 - t), far(2 - t)],
  };
}

/** The kernel at 0 <= x <= 1: (A + 2) x^3 - (A + 3) x^2 + 1. */
function near(x: number): number {
  return ((A + 2) * x - (A + 3)) * x * x + 1;
}

/** The kernel at 1 <= x <= 2: A (x^3 - 5 x^2 + 8 x - 4). */
function far(x: number): number {
  return A * (((x - 5) * x + 8) * x - 4);
}

/** One position of the new grid, `[D]`, from sixteen of the old. */
function sumUp(
  target: Float32Array,
  positions: Float32Array,
  { rows, columns, from }: { readonly rows: Taps; readonly columns: Taps; readonly from: number },
): void {
  const width = target.length;
  const sums = new Float64Array(width);
  rows.places.forEach((row, i) => {
    columns.places.forEach((column, j) => {
      const weight = rows.weights[i]! * columns.weights[j]!;
      const start = (1 + row * from + column) * width;
      for (let d = 0; d < width; d++) sums[d]! += weight * positions[start + d]!;
    });
  });
  target.set(sums);
}
