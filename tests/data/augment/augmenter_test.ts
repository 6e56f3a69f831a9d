import assert from "node:assert/strict";
import { Augmenter, type AugmentOptions } from "../../../lib/data/augment/augmenter.ts";
import { drawErased } from "../../../lib/data/augment/erase.ts";
import { HostCrop } from "../../../lib/data/augment/host_crop.ts";
import { parseRandAugment } from "../../../lib/data/augment/rand_augment.ts";
import { openLoader } from "../../../lib/data/loader.ts";
import { random } from "../../../lib/tensor/mod.ts";
import { inFolder } from "../../_folder.ts";
import { CROPS, record, writePacked } from "../packed.ts";

const NOISE = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;
const OPTIONS: AugmentOptions = {
  imageSize: 12,
  randAugment: parseRandAugment("rand-m9-mstd0.5-inc1"),
  erasing: 0.25,
  noise: NOISE,
};
const CUT = { box: { top: 1, left: 2.5, height: 14, width: 9 }, flipped: true };

/** What an augmenter makes of image `sample`. */
function augmented(augmenter: Augmenter, sample: number): Uint8Array {
  const target = new Uint8Array(12 * 12 * 3);
  augmenter.record.set(record(sample, 16));
  augmenter.augment(target, CUT, { seed: 4, epoch: 2, sample });
  return target;
}

Deno.test("Augmenter without anything is the crop", () => {
  const plain = augmented(new Augmenter(16, { ...OPTIONS, randAugment: null, erasing: 0 }), 3);
  const target = { side: 12, pixels: new Uint8Array(12 * 12 * 3) };
  new HostCrop(16, 12).crop({ side: 16, pixels: record(3, 16) }, CUT.box, true, target);
  assert.deepEqual(plain, target.pixels);
});

Deno.test("Augmenter makes the same of an image whatever came before", () => {
  const forth = new Augmenter(16, OPTIONS), back = new Augmenter(16, OPTIONS);
  const samples = Array.from({ length: 40 }, (_, i) => i);
  const made = samples.map((sample) => augmented(forth, sample));
  for (const sample of samples.toReversed()) {
    assert.deepEqual(augmented(back, sample), made[sample]);
  }
});

Deno.test("Augmenter erases after everything else, and only where it is drawn", () => {
  const whole = new Augmenter(16, { ...OPTIONS, erasing: 0 }), erasing = new Augmenter(16, OPTIONS);
  let erased = 0;
  for (let sample = 0; sample < 60; sample++) {
    const key = { seed: 4, epoch: 2, sample, purpose: "erase" } as const;
    const box = drawErased(random(key), 12, OPTIONS.erasing);
    const [before, after] = [augmented(whole, sample), augmented(erasing, sample)];
    if (box === null) {
      assert.deepEqual(after, before);
      continue;
    }
    erased++;
    after.forEach((value, i) => {
      const [x, y] = [Math.floor(i / 3) % 12, Math.floor(i / 36)];
      const isInside = y >= box.top && y < box.top + box.height && x >= box.left &&
        x < box.left + box.width;
      if (!isInside) assert.equal(value, before[i]);
    });
  }
  assert.ok(erased > 5);
});

Deno.test("openLoader() augments images, the same with any number of workers", async () => {
  await inFolder(async (dataset) => {
    const images = Array.from({ length: 9 }, () => ({ width: 20, height: 30 }));
    writePacked(dataset, { size: 16, images });
    const options = {
      dataset,
      split: "train",
      batch: 4,
      seed: 1,
      tokens: 0,
      crop: CROPS,
      augment: OPTIONS,
    } as const;
    const batches: number[][][] = [];
    for (const workers of [1, 3]) {
      using loader = await openLoader({ ...options, workers });
      assert.deepEqual(loader.layout.fields.images.shape, [4, 12, 12, 3]);
      batches.push(Array.from({ length: 4 }, () => {
        const batch = loader.next();
        const { images, boxes, flips } = loader.slots[batch.slot]!.views;
        assert.deepEqual([...boxes], [0, 0, 12, 12, 0, 0, 12, 12, 0, 0, 12, 12, 0, 0, 12, 12]);
        assert.deepEqual([...flips], [0, 0, 0, 0]);
        const copy = [...images];
        loader.release(batch);
        return copy;
      }));
    }
    assert.deepEqual(batches[0], batches[1]);
    await assert.rejects(
      openLoader({ ...options, augment: { ...OPTIONS, erasing: 2 } }),
      new RangeError("Cannot erase with probability 2: it is from 0 to 1"),
    );
  });
});
