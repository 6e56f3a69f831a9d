import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { crop } from "../../lib/augment/mod.ts";
import { readNpy } from "../../lib/checkpoint/mod.ts";
import { arrayOver } from "../../lib/tensor/mod.ts";
import { assertClose, largestDifference } from "../_assert.ts";
import { evaluate, type Numbers } from "../_run.ts";
import { cut, flat } from "../nn/_reference.ts";

const FOLDER = new URL("../fixtures/crop", import.meta.url).pathname;
const images = readNpy(`${FOLDER}/images.npy`);
const boxes = readNpy(`${FOLDER}/boxes.npy`);
const [B, S] = images.shape as [number, number];
const given = {
  images: images.data,
  boxes: arrayOver("float32", boxes.data),
  flips: new Array(B).fill(0),
};

function cropped(size: number, inputs: { images: Numbers; boxes: Numbers; flips: Numbers }) {
  const out = crop(
    input("images", "uint8", [B, S, S, 3]),
    input("boxes", "float32", [B, 4]),
    input("flips", "float32", [B]),
    size,
  );
  assert.deepEqual([out.dtype, out.shape], ["float32", [B, size, size, 3]]);
  return evaluate({ out }, inputs).out;
}

/** Pillow rounds what lies between its two passes, which the second spreads by 1.25 at most, and its result. */
const ROUNDING = 0.5 * 1.25 + 0.5;

for (const size of [8, 16, 24, 32]) {
  Deno.test(`crop() of boxes to ${size} pixels is Pillow's, one level of 255 apart at most`, () => {
    const ours = cropped(size, given);
    const pillow = readNpy(`${FOLDER}/size_${size}.npy`).data;
    assert.equal(ours.length, pillow.length);
    assert.ok(largestDifference(ours, pillow) < ROUNDING);
    assert.ok(largestDifference(ours.map(Math.round), pillow) <= 1);
    const differences = ours.map((x, i) => x - pillow[i]!);
    const mean = differences.reduce((a, b) => a + b) / differences.length;
    assert.ok(Math.abs(mean) < 0.03, `it is ${mean} lighter`);
    assert.ok(ours.every((x) => x >= 0 && x <= 255));
  });
}

Deno.test("crop() of the whole image at its own size is the image", () => {
  const whole = flat(Array.from({ length: B }, () => [0, 0, S, S]));
  assertClose(cropped(S, { ...given, boxes: whole }), given.images, 1e-3 / 255);
});

Deno.test("crop() of whole pixels at their own size is those pixels", () => {
  const [top, left, side] = [3, 11, 8];
  const part = flat(Array.from({ length: B }, () => [top, left, side, side]));
  const rows = cut(cut(cut(Array.from(given.images), 3), S), S);
  const expected = rows.map((image) =>
    image.slice(top, top + side).map((row) => row.slice(left, left + side))
  );
  assertClose(cropped(side, { ...given, boxes: part }), flat(expected), 1e-3 / 255);
});

Deno.test("crop() mirrors left and right the images whose flip is 1", () => {
  const size = 16;
  const flips = Array.from({ length: B }, (_, i) => i % 2);
  const plain = cut(cut(cut(cropped(size, given), 3), size), size);
  const expected = plain.map((image, b) => image.map((row) => flips[b] ? row.toReversed() : row));
  assertClose(cropped(size, { ...given, flips }), flat(expected), 1e-3 / 255);
});
