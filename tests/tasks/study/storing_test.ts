import assert from "node:assert/strict";
import { resample } from "../../../lib/data/resample.ts";
import { Environment } from "../../../lib/runtime/mod.ts";
import { Cropper, type Image } from "../../../tasks/study/cropper.ts";
import { boxesOf, meanDifference, StoringStudy } from "../../../tasks/study/storing.ts";

/** A smooth picture. */
function smooth(width: number, height: number): Image {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width / width, Math.floor(i / 3 / width) / height];
    return 127 + 60 * Math.sin(7 * x + i % 3) + 60 * Math.cos(5 * y);
  });
  return { width, height, pixels };
}

Deno.test("boxesOf() spreads the crops over the images, each with boxes of its own", () => {
  const size = { width: 500, height: 375 };
  const counts = [0, 1, 2].map((i) => boxesOf(size, { i, images: 3, crops: 10 }).length);
  assert.deepEqual(counts, [4, 3, 3]);
  const [first, second] = boxesOf(size, { i: 0, images: 3, crops: 10 });
  assert.notDeepEqual(first, second);
  assert.deepEqual(boxesOf(size, { i: 0, images: 3, crops: 6 })[0], first);
});

Deno.test("Cropper cuts what resample() cuts, where the box is the image", () => {
  using environment = Environment.open();
  using cropper = new Cropper(environment, 8);
  const image = smooth(20, 14);
  const [found] = cropper.cut(image, [{ top: 0, left: 0, width: 20, height: 14 }]);
  const expected = resample(image.pixels, image, { width: 8, height: 8 });
  // the edges see the record's padding, which repeats them
  assert.ok(meanDifference(found!, Float32Array.from(expected)) < 1);
});

Deno.test("StoringStudy finds no error in the original, and more the smaller images are stored", () => {
  using environment = Environment.open();
  using cropper = new Cropper(environment, 8);
  const image = smooth(40, 30);
  const boxes = boxesOf(image, { i: 0, images: 1, crops: 5 });
  const expected = cropper.cut(image, boxes);
  const costs = [40, 20, 6].map((width) => {
    const size = { width, height: width * 3 / 4 };
    const study = new StoringStudy(cropper, 8);
    const pixels = resample(image.pixels, image, { width, height: Math.round(size.height) });
    study.add(image, { width, height: Math.round(size.height), pixels }, { boxes, expected });
    return study.cost();
  });
  assert.deepEqual([costs[0]!.error, costs[0]!.enlarged], [0, 0]);
  assert.ok(0 < costs[1]!.error && costs[1]!.error < costs[2]!.error);
  assert.ok(costs[1]!.error95 >= costs[1]!.error);
  assert.equal(costs[2]!.enlarged, 1);
});
