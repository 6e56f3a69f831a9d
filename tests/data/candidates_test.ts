import assert from "node:assert/strict";
import { Candidates } from "../../lib/data/candidates.ts";
import { ImageTable } from "../../lib/data/image_table.ts";

Deno.test("Candidates are by split, then as they were ordered, and found by their paths", () => {
  const images = new ImageTable();
  const headers = [
    { format: "jpeg", width: 70_000, height: 3, orientation: 8, cmyk: true },
    { format: "raw", width: 1, height: 2, orientation: 1 },
    { format: "avif", width: 5, height: 6, orientation: 4 },
  ] as const;
  ["s/all/d.jpg", "s/all/b.jpg", "t/c.jpg"].forEach((path, i) => images.add(path, headers[i]!));
  assert.equal(images.add("t/bad.jpg", "torn"), 3);
  assert.equal(images.add("t/bad.jpg", "torn"), undefined, "it is there");
  images.setSplit(0, "test");
  images.setLabel(1, 7);
  const candidates = new Candidates(images, Uint32Array.of(1, 0, 2), {
    start: (image) => image === 2 ? "t/" : "x/",
    skipped: (image) => image === 2 ? 2 : 6,
  });
  const [b, d, c] = [
    { source: "s/all/b.jpg", path: "x/b.jpg", split: "train", label: 7, header: headers[1] },
    { source: "s/all/d.jpg", path: "x/d.jpg", split: "test", label: -1, header: headers[0] },
    { source: "t/c.jpg", path: "t/c.jpg", split: "train", label: -1, header: headers[2] },
  ];
  assert.deepEqual([...candidates], [b, c, d]);
  assert.deepEqual(candidates.range("val"), { begin: 2, end: 2 });
  assert.deepEqual([0, 1, 2].map((i) => candidates.place(i)), [0, 1, 0]);
  assert.equal(candidates.find("s/all/d.jpg"), 2);
  assert.equal(candidates.find("x/d.jpg"), undefined);
  assert.equal(candidates.find("t/bad.jpg"), undefined);
  assert.ok(candidates.compare(1, 2) < 0 && candidates.compare(2, 0) > 0);
});
