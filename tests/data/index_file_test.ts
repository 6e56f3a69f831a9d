import assert from "node:assert/strict";
import { decodeIndex, encodeIndex } from "../../lib/data/index_file.ts";

const samples = [
  { path: "a/1.jpg", label: 0, width: 500, height: 375 },
  { path: "b/ü ñ 画像 🐟.jpg", label: 2, width: 70_000, height: 1 },
  { path: "c", label: -1, width: 1, height: 2 },
];
const given = { file: "i.bin", classes: 3 };

Deno.test("decodeIndex() reads back what encodeIndex() wrote", () => {
  const index = decodeIndex(encodeIndex(samples), given);
  const read = samples.map((_, i) => ({
    path: index.path(i),
    label: index.labels[i],
    width: index.widths[i],
    height: index.heights[i],
  }));
  assert.equal(index.count, 3);
  assert.deepEqual(read, samples);
  assert.equal(index.encoded, null);
});

Deno.test("decodeIndex() reads where encoded records lie", () => {
  const places = {
    ends: Uint32Array.of(10, 4e9, 7),
    crcs: Uint32Array.of(0xffffffff, 0, 1),
  };
  const { encoded, path } = decodeIndex(encodeIndex(samples, places), given);
  assert.deepEqual([...encoded!.ends], [10, 4e9, 7]);
  assert.deepEqual([...encoded!.crcs], [0xffffffff, 0, 1]);
  assert.equal(path(2), "c");
});

Deno.test("decodeIndex() reads version 1, which did not say how many columns there are", () => {
  const bytes = encodeIndex(samples);
  bytes[8] = 1;
  bytes[32] = 0;
  assert.equal(decodeIndex(bytes, given).path(1), samples[1]!.path);
});

Deno.test("decodeIndex() refuses values that cannot be", () => {
  const column = (n: number, sample: number) => 64 + 4 * (n * samples.length + sample);
  const refused: [number, number, string][] = [
    [column(0, 1), 3, "sample 1 has label 3"],
    [column(0, 1), -2, "sample 1 has label -2"],
    [column(1, 2), 0, "sample 2 has no pixels"],
    [column(2, 0), 0, "sample 0 has no pixels"],
    [column(3, 1), 7, "sample 1 has no path"],
    [column(3, 2), 1000, "its paths are cut short"],
    [24, 4, "4 samples do not fill"],
    [32, 5, "it has 5 columns"],
    [32, 6, "3 samples do not fill"],
  ];
  for (const [at, value, message] of refused) {
    const bytes = encodeIndex(samples);
    new DataView(bytes.buffer).setInt32(at, value, true);
    assert.throws(() => decodeIndex(bytes, given), (error: Error) => {
      assert.equal(error.name, "DataError");
      assert.ok(error.message.startsWith(`Cannot read i.bin: ${message}`), error.message);
      return true;
    });
  }
});
