import assert from "node:assert/strict";
import { drawErased, erase } from "../../../lib/data/augment/erase.ts";
import { random } from "../../../lib/tensor/mod.ts";

const NOISE = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
} as const;

Deno.test("drawErased() draws boxes of 2 to 33% with aspects of 0.3 to 3.3, as often as it should", () => {
  const [side, images] = [96, 4000];
  const boxes = Array.from({ length: images }, (_, sample) => {
    return drawErased(random({ seed: 1, purpose: "erase", sample }), side, 0.25);
  }).filter((box) => box !== null);
  assert.ok(Math.abs(boxes.length / images - 0.25) < 0.02, `${boxes.length}`);
  let area = 0;
  for (const { top, left, height, width } of boxes) {
    assert.ok(top >= 0 && left >= 0 && top + height <= side && left + width <= side);
    const share = height * width / side ** 2;
    assert.ok(share > 0.018 && share < 0.34, `${share}`);
    assert.ok(height / width > 0.28 && height / width < 3.6, `${height} x ${width}`);
    area += share;
  }
  assert.ok(Math.abs(area / boxes.length - 0.177) < 0.01, `${area / boxes.length}`);
  assert.equal(drawErased(random({ seed: 1, purpose: "erase" }), side, 0), null);
  assert.ok(drawErased(random({ seed: 1, purpose: "erase" }), side, 1));
});

Deno.test("erase() fills the box alone, with noise that is standard once it is normalised", () => {
  const side = 64;
  const picture = { side, pixels: new Uint8Array(side * side * 3).fill(9) };
  const box = { top: 10, left: 3, height: 50, width: 60 };
  erase(picture, box, random({ seed: 2, purpose: "erase" }), NOISE);
  const sums = [0, 0, 0], squares = [0, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let c = 0; c < 3; c++) {
        const value = picture.pixels[(y * side + x) * 3 + c]!;
        if (y < 10 || y >= 60 || x < 3 || x >= 63) assert.equal(value, 9);
        else {
          const normal = (value / 255 - NOISE.mean[c]!) / NOISE.deviation[c]!;
          sums[c]! += normal;
          squares[c]! += normal ** 2;
        }
      }
    }
  }
  for (let c = 0; c < 3; c++) {
    const mean = sums[c]! / 3000;
    assert.ok(Math.abs(mean) < 0.06, `${mean}`);
    assert.ok(Math.abs(squares[c]! / 3000 - mean ** 2 - 0.95) < 0.06, "the tails are cut off");
  }
});
