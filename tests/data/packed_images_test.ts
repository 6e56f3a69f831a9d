import assert from "node:assert/strict";
import { KeptImages, PackedImages } from "../../lib/data/packed_images.ts";
import type { Candidate } from "../../lib/data/scan.ts";

const header = { format: "jpeg", width: 4, height: 3, orientation: 1 } as const;

/** Candidates by split, then path. */
const CANDIDATES: readonly Candidate[] = [
  { source: "b.jpg", path: "b.jpg", split: "train", label: 1, header },
  { source: "d.jpg", path: "d.jpg", split: "train", label: 0, header },
  { source: "a.jpg", path: "a.jpg", split: "test", label: 0, header },
];

const image = (i: number) => ({
  place: i,
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
  assert.deepEqual(packed.get(2), image(2));
  assert.deepEqual(packed.get(0), image(0));
  const { place, at, length, crc } = image(2);
  assert.deepEqual(packed.record(2), { place, at, length, crc });
});

Deno.test("KeptImages leaves out what was not packed", () => {
  const packed = new PackedImages(3);
  [0, 2].forEach((i) => packed.set(i, image(i)));
  const kept = new KeptImages(CANDIDATES, packed);
  assert.equal(kept.length, 2);
  assert.deepEqual([...kept], [{ ...CANDIDATES[0]!, ...image(0) }, {
    ...CANDIDATES[2]!,
    ...image(2),
  }]);
  assert.deepEqual([...kept.byPath()].map(({ path }) => path), ["a.jpg", "b.jpg"]);
  assert.deepEqual(kept.of("train"), [CANDIDATES[0]]);
  assert.deepEqual(kept.recordsOf("test"), [packed.record(2)]);
  assert.deepEqual([kept.of("val"), kept.recordsOf("val")], [[], []]);
  assert.equal(kept.firstSplit, "train");
  assert.equal(new KeptImages(CANDIDATES, new PackedImages(3)).firstSplit, undefined);
});
