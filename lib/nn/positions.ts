/** Fixed 2-D sine-cosine positions, as MAE makes them (He et al. 2022; Vaswani et al. 2017). */

/**
 * Positions of CLS and of a grid of patches in row-major order.
 *
 * The first half of the width encodes the column, the second half the row; in each, sines, then cosines, of the place times
 * 10000^(-4i/width). CLS has a zero vector.
 *
 * @param width a multiple of 4.
 * @param grid patches along one side.
 * @returns `[1 + grid * grid, width]` in row-major order.
 * @throws {RangeError} if the width is no multiple of 4.
 *
 * @example
 * ```ts
 * import { sinCosPositions } from "./mod.ts";
 *
 * const positions = sinCosPositions(8, 2);
 * console.assert(positions.length === (1 + 2 * 2) * 8 && positions[0] === 0);
 * ```
 */
export function sinCosPositions(width: number, grid: number): Float32Array {
  if (width % 4 !== 0) {
    throw new RangeError(
      `Cannot make 2-D sine-cosine positions of width ${width}: it must be a multiple of 4`,
    );
  }
  const quarter = width / 4;
  const positions = new Float32Array((1 + grid * grid) * width);
  for (let patch = 0; patch < grid * grid; patch++) {
    const start = (1 + patch) * width;
    const places = [patch % grid, Math.floor(patch / grid)];
    places.forEach((place, half) => {
      for (let i = 0; i < quarter; i++) {
        const angle = place / 10000 ** (i / quarter);
        positions[start + half * 2 * quarter + i] = Math.sin(angle);
        positions[start + (half * 2 + 1) * quarter + i] = Math.cos(angle);
      }
    });
  }
  return positions;
}
