import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { batchLayout, batchViews } from "../../lib/data/batch.ts";
import { randomResizedCrop } from "../../lib/data/crop.ts";
import { fillBatch, type FillOptions, type RecordSource } from "../../lib/data/fill.ts";
import { drawMix, mixNumbers } from "../../lib/data/mix.ts";
import { random } from "../../lib/tensor/mod.ts";
import { CROPS } from "./packed.ts";

const SIZE = 4, TOKENS = 3;

/** Records of one repeated byte, the sample's index; images of 40 x 20, stored as they are given. */
const source = (width = SIZE, height = SIZE): RecordSource => ({
  originalSize: () => ({ width: 40, height: 20 }),
  storedSize: () => ({ width, height }),
  label: (index) => index % 3 - 1,
  read: (index, target) => void target.fill(index),
});

function fill(
  samples: number[],
  options: Partial<FillOptions & { epoch: number; place: number }> = {},
  from = source(),
) {
  const mixes = (options.mix ?? null) !== null;
  const sizes = { size: SIZE, tokens: TOKENS, labels: true, draws: 2, mixes };
  const layout = batchLayout({ batch: samples.length, ...sizes });
  const views = batchViews(layout, new SharedArrayBuffer(layout.byteLength), 0);
  const all = { epoch: 2, place: 4, seed: 9, crop: CROPS, ...options };
  fillBatch(layout, views, from, { ...all, samples: Uint32Array.from(samples) });
  return views;
}

Deno.test("fillBatch() reads the records in the order of the samples", () => {
  const { images, samples } = fill([7, 2]);
  deepEqual([...samples], [7, 2]);
  deepEqual([...images], [...Array(48).fill(7), ...Array(48).fill(2)]);
});

Deno.test("fillBatch() draws box, flip and noise from (seed, epoch, sample) alone", () => {
  const many = Array.from({ length: 50 }, (_, i) => i);
  const forth = fill(many);
  const back = fill(many.toReversed());
  for (const sample of many) {
    const b = 49 - sample;
    deepEqual(
      forth.boxes.slice(sample * 4, sample * 4 + 4),
      back.boxes.slice(b * 4, b * 4 + 4),
    );
    equal(forth.flips[sample], back.flips[b]);
    const noise = random({ seed: 9, purpose: "mask", epoch: 2, sample });
    const expected = Array.from({ length: TOKENS }, () => noise.uniform());
    deepEqual([...back.noise.slice(b * TOKENS, (b + 1) * TOKENS)], expected);
  }
  for (const other of [fill(many, { epoch: 3 }), fill(many, { seed: 8 })]) {
    for (const field of ["boxes", "flips", "noise"] as const) {
      notDeepEqual(other[field], forth[field]);
    }
  }
});

Deno.test("fillBatch() crops in the original's pixels and stores the box in the record's", () => {
  const stream = random({ seed: 9, purpose: "crop", epoch: 2, sample: 5 });
  const box = randomResizedCrop(stream, { width: 40, height: 20 }, CROPS);
  const { boxes } = fill([5], {}, source(4, 2));
  const expected = [box.top / 10, box.left / 10, box.height / 10, box.width / 10];
  deepEqual(boxes, Float32Array.from(expected));
});

Deno.test("fillBatch() flips about half of the images", () => {
  const { flips } = fill(Array.from({ length: 250 }, (_, i) => i));
  ok(flips.every((flip) => flip === 0 || flip === 1));
  const share = flips.reduce((sum, flip) => sum + flip, 0) / 250;
  ok(share > 0.4 && share < 0.6, `${share}`);
});

Deno.test("fillBatch() shows the stored part whole and unflipped without crop", () => {
  const { boxes, flips, noise } = fill([0, 1, 2, 3], { crop: null }, source(4, 2));
  deepEqual([...boxes.slice(4, 8)], [0, 0, 2, 4]);
  deepEqual([...flips], [0, 0, 0, 0]);
  deepEqual(noise, fill([0, 1, 2, 3]).noise);
});

Deno.test("fillBatch() writes labels, and draws each sample's numbers from (seed, epoch, sample)", () => {
  const { labels, draws } = fill([7, 2, 3]);
  deepEqual([...labels], [0, 1, -1]);
  const path = random({ seed: 9, purpose: "path", epoch: 2, sample: 2 });
  deepEqual([...draws.slice(2, 4)], [path.uniform(), path.uniform()]);
  notDeepEqual(fill([7, 2, 3], { epoch: 3 }).draws, draws);
});

Deno.test("fillBatch() draws one mix a batch, whichever rows it fills", () => {
  const mix = { mixup: 0.8, cutmix: 1, imageSize: 8 };
  const found = fill([7, 2], { mix }).mix;
  const stream = random({ seed: 9, purpose: "mix", epoch: 2, sample: 4 });
  deepEqual(found, Float32Array.from(mixNumbers(drawMix(stream, mix))));
  deepEqual(fill([1, 5], { mix }).mix, found);
  for (const other of [{ place: 5 }, { epoch: 3 }, { seed: 8 }]) {
    notDeepEqual(fill([7, 2], { mix, ...other }).mix, found);
  }
  equal(fill([7]).mix.length, 0);
});
