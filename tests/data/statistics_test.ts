import assert from "node:assert/strict";
import { PixelSums } from "../../lib/data/statistics.ts";

Deno.test("PixelSums gives mean and deviation of all pixels", () => {
  const images = [[[0, 10, 255], [20, 10, 255]], [[40, 10, 0]]];
  const sums = new PixelSums();
  for (const pixels of images) {
    const add = (power: number) =>
      [0, 1, 2].map((c) => pixels.reduce((sum, pixel) => sum + pixel[c]! ** power, 0));
    sums.add([...add(1), ...add(2)], pixels.length);
  }
  const { mean, deviation } = sums.statistics();
  const expected = { mean: [20, 10, 170], deviation: [Math.sqrt(800 / 3), 0, Math.sqrt(14450)] };
  mean.forEach((value, c) => assert.ok(Math.abs(value * 255 - expected.mean[c]!) < 1e-9));
  deviation.forEach((value, c) => assert.ok(Math.abs(value * 255 - expected.deviation[c]!) < 1e-9));
});
