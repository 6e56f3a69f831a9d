import assert from "node:assert/strict";
import { Candidates } from "../../lib/data/candidates.ts";
import { ImageTable } from "../../lib/data/image_table.ts";
import { KeptImages, PackedImages } from "../../lib/data/packed_images.ts";

/** Candidates b.jpg and d.jpg of train and a.jpg of test. */
function candidates(): Candidates {
  const images = new ImageTable();
  for (const path of ["d.jpg", "b.jpg", "a.jpg"]) {
    images.add(path, { format: "jpeg", width: 4, height: 3, orientation: 1 });
  }
  images.setSplit(2, "test");
  return new Candidates(images, Uint32Array.of(2, 1, 0), { start: () => "", skipped: () => 0 });
}

const image = (i: number) => ({
  at: 2 ** 33 + i,
  length: 10 + i,
  crc: 2 ** 32 - 1 - i,
  fileBytes: 2 ** 40 + i,
  sha256: new Uint8Array(32).fill(i),
  sums: [1, 2, 3, 4, 5, 2 ** 50 + i],
});

Deno.test("PackedImages gives back what was set", () => {
  const packed = new PackedImages(3);
  packed.set(2, image(2));
  packed.set(0, image(0));
  assert.deepEqual([0, 1, 2].map((i) => packed.has(i)), [true, false, true]);
  const { at, length, crc, sha256, fileBytes } = image(2);
  assert.deepEqual(packed.record(2), { at, length, crc });
  assert.deepEqual(packed.file(2), { sha256, fileBytes });
});

Deno.test("PackedImages notes what an earlier run has packed until it is packed", () => {
  const packed = new PackedImages(3);
  packed.note(1, image(1));
  packed.note(2, image(2));
  packed.set(0, image(0));
  assert.deepEqual([...packed.noted()], [1, 2]);
  assert.deepEqual(packed.notedImage(2), image(2));
  assert.equal(packed.notedImage(0), undefined);
  assert.deepEqual([0, 1, 2].map((i) => packed.has(i)), [true, false, false]);
  packed.set(1, image(0));
  assert.deepEqual([...packed.noted()], [2]);
  assert.equal(packed.has(1), true);
});

Deno.test("KeptImages leaves out what was not packed", () => {
  const packed = new PackedImages(3);
  [0, 2].forEach((i) => packed.set(i, image(i)));
  const kept = new KeptImages(candidates(), packed);
  assert.equal(kept.length, 2);
  assert.deepEqual([...kept.of()], [0, 2]);
  assert.deepEqual([...kept.byPath()].map((i) => kept.candidates.path(i)), ["a.jpg", "b.jpg"]);
  assert.deepEqual([...kept.of("train")], [0]);
  assert.deepEqual([...kept.of("test")], [2]);
  assert.deepEqual(kept.file(2).fileBytes, 2 ** 40 + 2);
  const records = kept.recordsOf("test");
  assert.equal(records.length, 1);
  assert.deepEqual(records.at(0), { place: 0, ...packed.record(2) });
  assert.equal(kept.of("val").length, 0);
  assert.equal(new KeptImages(candidates(), new PackedImages(3)).length, 0);
});
