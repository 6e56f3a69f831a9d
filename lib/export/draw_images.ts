/** Images to try a model with where there are none. */
import { random } from "../tensor/mod.ts";
import type { TensorData } from "../runtime/mod.ts";

/** How strong waves and noise are, of 255. */
const [WAVE, NOISE] = [80, 24];

/**
 * `count` images of waves of random direction, length and colour with some noise: uint8 `[count, size, size, 3]`.
 *
 * @example
 * ```ts
 * import { drawImages } from "./mod.ts";
 *
 * console.assert(String(drawImages(2, 32).shape) === "2,32,32,3");
 * ```
 */
export function drawImages(count: number, size: number, seed = 0): TensorData<"uint8"> {
  const data = new Uint8ClampedArray(count * size * size * 3);
  for (let image = 0, at = 0; image < count; image++) {
    const stream = random({ seed, purpose: "draw", sample: image });
    const waves = Array.from({ length: 3 }, () => ({
      level: 255 * stream.uniform(),
      x: 12 * (stream.uniform() - 0.5) / size,
      y: 12 * (stream.uniform() - 0.5) / size,
      phase: 7 * stream.uniform(),
    }));
    for (let pixel = 0; pixel < size * size; pixel++) {
      const [row, column] = [Math.floor(pixel / size), pixel % size];
      for (const { level, x, y, phase } of waves) {
        const noise = NOISE * (2 * stream.uniform() - 1);
        data[at++] = level + WAVE * Math.sin(x * column + y * row + phase) + noise;
      }
    }
  }
  return { dtype: "uint8", shape: [count, size, size, 3], data: new Uint8Array(data.buffer) };
}
