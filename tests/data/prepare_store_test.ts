import assert from "node:assert/strict";
import { encode } from "jpeg-js";
import { openDataset } from "../../lib/data/dataset.ts";
import { planPrepare, prepare, type PrepareOptions } from "../../lib/data/mod.ts";
import { inFolder } from "../_folder.ts";
import { thrown, writeTree } from "./_pictures.ts";

/** A picture without fine colours, which JPEG does not keep. */
function smooth(seed: number, width: number, height: number): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % width, Math.floor((i >> 2) / width)];
    return 127 + 100 * Math.sin((i % 4 + 1) * x / width + seed * y / height);
  });
  return new Uint8Array(encode({ data, width, height }, 95).data);
}

const TREE = {
  "a/1.jpg": smooth(1, 90, 70),
  "a/2.jpg": smooth(2, 64, 100),
  "b/3.jpg": smooth(3, 90, 70),
  "b/4.jpg": smooth(4, 24, 20),
};
const OPTIONS: PrepareOptions = { size: 64, store: "jpeg", workers: 1, contactSheet: false };

Deno.test("prepare() keeps the same images as JPEGs, close to those that are kept raw", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/pictures`, TREE);
    const raw = await prepare(`${folder}/pictures`, `${folder}/raw`, { ...OPTIONS, store: "raw" });
    const bytes: number[] = [];
    for (const quality of [50, 95]) {
      const target = `${folder}/jpeg${quality}`;
      const result = await prepare(`${folder}/pictures`, target, { ...OPTIONS, quality });
      bytes.push(result.bytes);
      assert.deepEqual(result.statistics, raw.statistics);
      assert.equal(result.store.kind === "jpeg" && result.store.quality, quality);
      using ours = openDataset(target);
      using exact = openDataset(`${folder}/raw`);
      ours.verify();
      const [one, other] = [ours.split("train"), exact.split("train")];
      const [a, b] = [new Uint8Array(one.recordBytes), new Uint8Array(one.recordBytes)];
      for (let i = 0; i < one.count; i++) {
        one.read(i, a);
        other.read(i, b);
        const { width, height } = one.storedSize(i);
        let [error, count] = [0, 0];
        for (let k = 0; k < a.length; k++) {
          const [x, y] = [Math.floor(k / 3) % 64, Math.floor(k / 3 / 64)];
          if (x >= width || y >= height) continue; // repeats its edge, and the edge's error
          error += Math.abs(a[k]! - b[k]!);
          count++;
        }
        error /= count;
        assert.ok(error > 0 && error < (quality === 95 ? 2 : 6), `${error}`);
        assert.deepEqual(one.originalSize(i), other.originalSize(i));
        assert.deepEqual(one.storedSize(i), other.storedSize(i));
        assert.deepEqual([one.label(i), one.path(i)], [other.label(i), other.path(i)]);
      }
    }
    assert.ok(bytes[0]! < bytes[1]! && bytes[1]! < raw.bytes / 3, `${bytes} of ${raw.bytes}`);
  });
});

Deno.test("prepare() writes the same JPEGs with any number of threads", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/pictures`, TREE);
    const digests = [];
    for (const workers of [1, 3]) {
      const target = `${folder}/${workers}`;
      digests.push((await prepare(`${folder}/pictures`, target, { ...OPTIONS, workers })).digest);
    }
    assert.equal(digests[0], digests[1]);
  });
});

Deno.test("planPrepare() foresees the bytes of JPEGs", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/pictures`, TREE);
    const plan = await planPrepare(`${folder}/pictures`, `${folder}/packed`, OPTIONS);
    const { bytes } = await prepare(`${folder}/pictures`, `${folder}/packed`, OPTIONS);
    const manifest = Deno.statSync(`${folder}/packed/manifest.json`).size;
    assert.ok(Math.abs(plan.bytes - (bytes - manifest)) <= 4, `${plan.bytes} ${bytes - manifest}`);
  });
});

Deno.test("prepare() refuses a quality that is none, or of nothing", async () => {
  assert.equal(
    await thrown(() => prepare("nowhere", "nowhere", { ...OPTIONS, quality: 0 })),
    "RangeError: Cannot use 0 as quality: it must be a whole number from 1 to 100",
  );
  assert.equal(
    await thrown(() => prepare("nowhere", "nowhere", { quality: 90 })),
    "RangeError: Cannot use 90 as quality: records are kept raw, not jpeg",
  );
});
