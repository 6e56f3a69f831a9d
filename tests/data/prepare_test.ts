import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { openDataset } from "../../lib/data/dataset.ts";
import { openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { prepare } from "../../lib/data/prepare.ts";
import type { PrepareOptions, PrepareProgress } from "../../lib/data/prepare_options.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, tarOf, thrown, writeTree } from "./_pictures.ts";
import { contents, failed, prepared, QUICK, TREE } from "./_prepared.ts";

Deno.test("prepare() writes the same bytes from a folder and from tars, with one thread or three", async () => {
  await inFolder(async (folder) => {
    const named = Object.entries(TREE).map(([path, bytes]) => [`set/${path}`, bytes] as const);
    const tar = await tarOf(Object.fromEntries(named.toReversed()));
    writeTree(`${folder}/pictures`, TREE);
    Deno.writeFileSync(`${folder}/x.tar`, tar);
    Deno.writeFileSync(`${folder}/x.tar.gz`, gzipSync(tar));
    const options = { size: 16, shardBytes: 16 * 16 * 3 * 7 };
    const written = [];
    for (
      const [source, workers] of [["pictures", 1], ["pictures", 3], ["x.tar", 2], ["x.tar.gz", 1]]
    ) {
      const target = `${folder}/${source}-${workers}`;
      await prepare(`${folder}/${source}`, target, { ...options, workers: Number(workers) });
      written.push(contents(target));
    }
    assert.deepEqual(Object.keys(written[0]!), [
      "contact-sheet.png",
      "manifest.json",
      "test-00000.bin",
      "test-index.bin",
      "train-00000.bin",
      "train-00001.bin",
      "train-00002.bin",
      "train-index.bin",
      "val-00000.bin",
      "val-index.bin",
    ]);
    for (const other of written.slice(1)) assert.deepEqual(other, written[0]);
  });
});

Deno.test("prepare() stores every image decoded, sorted by path, with its label and size", async () => {
  for (const name of ["sharp", "jpeg-js"] as const) {
    const decoder = await openDecoder(name);
    await prepared(TREE, { decoder: name, size: 16 }, async ({ dataset, result }) => {
      assert.deepEqual(result.splits, { train: 20, val: 6, test: 4 });
      assert.deepEqual(dataset.manifest.classes, ["cat", "dog"]);
      assert.equal(dataset.manifest.decoder.name, name);
      for (const split of dataset.splits.map((name) => dataset.split(name))) {
        const paths = Array.from({ length: split.count }, (_, i) => split.path(i));
        const expected = Object.keys(TREE).filter((path) => path.startsWith(split.name)).sort();
        assert.deepEqual(paths, expected);
        const record = new Uint8Array(split.recordBytes);
        for (const [i, path] of paths.entries()) {
          assert.equal(split.label(i), path.includes("dog") ? 1 : 0);
          assert.deepEqual(split.originalSize(i), { width: 24, height: 20 });
          const header = dimensions(TREE[path]!)!;
          split.read(i, record);
          const pixels = await decoder.decode(TREE[path]!, header, { width: 16, height: 16 });
          assert.deepEqual(record, new Uint8Array(pixels), path);
        }
      }
    });
  }
});

Deno.test("prepare() keeps images apart when batches take unequally long", async () => {
  const black = { create: { width: 900, height: 900, channels: 3, background: "#000" } } as const;
  const large = await sharp(black).png().toBuffer();
  const small = picture(2, 8, 8);
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => {
    return i < 64 ? [`${i + 100}.png`, large] : [`${i + 100}.jpg`, small]; // the first batch is slow
  }));
  const options = { size: 8, workers: 1, decoder: "sharp" } as const;
  await prepared(files, options, ({ dataset }) => {
    const split = dataset.split("train");
    const records = Array.from({ length: 300 }, (_, i) => {
      const record = new Uint8Array(split.recordBytes);
      split.read(i, record);
      return record;
    });
    assert.notDeepEqual(records[0], records[64]);
    records.forEach((record, i) =>
      assert.deepEqual(record, records[i < 64 ? 0 : 64], `image ${i}`)
    );
  });
});

Deno.test("prepare() measures mean and deviation of the stored training pixels", async () => {
  await prepared(
    { "a.jpg": picture(0, 12, 30), "b.jpg": picture(1, 40, 20) },
    { size: 20 },
    (found) => {
      const { dataset } = found;
      const split = dataset.split("train");
      const record = new Uint8Array(split.recordBytes);
      const values: [number[], number[], number[]] = [[], [], []];
      for (let i = 0; i < split.count; i++) {
        split.read(i, record);
        const { width, height } = split.storedSize(i);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            values.forEach((list, c) => list.push(record[(y * 20 + x) * 3 + c]! / 255));
          }
        }
      }
      values.forEach((list, c) => {
        const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
        const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
        const { statistics } = dataset.manifest;
        assert.ok(Math.abs(statistics.mean[c]! - mean) < 1e-12);
        assert.ok(Math.abs(statistics.deviation[c]! - Math.sqrt(variance)) < 1e-12);
      });
    },
  );
});

Deno.test("prepare() refuses a target that exists, and replaces a dataset only when told", async () => {
  await inFolder(async (folder) => {
    const [source, target] = [`${folder}/pictures`, `${folder}/packed`];
    writeTree(source, pictures(["a.jpg"]));
    await prepare(source, target, QUICK);
    const before = contents(target);
    assert.match(await thrown(() => prepare(source, target, QUICK)), /it exists; use --force/);
    writeTree(source, { "b.jpg": new Uint8Array() });
    assert.match(await thrown(() => prepare(source, target, { ...QUICK, force: true })), /bad/);
    assert.deepEqual(contents(target), before);
    writeTree(source, pictures(["b.jpg"]));
    await prepare(source, target, { ...QUICK, force: true });
    assert.equal(openDataset(target).split("train").count, 2);

    const other = await thrown(() => prepare(source, source, { ...QUICK, force: true }));
    assert.match(other, /the source .* is in it$/);
    Deno.mkdirSync(`${folder}/home`);
    Deno.writeTextFileSync(`${folder}/home/letter.txt`, "dear");
    const home = await thrown(() => prepare(source, `${folder}/home`, { ...QUICK, force: true }));
    assert.match(home, /it is not a packed dataset$/);
  });
});

Deno.test("prepare() leaves nothing behind when it is stopped before it packs", async () => {
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  assert.match(await failed(TREE, { signal: controller.signal, onProgress }), /^AbortError/);
});

Deno.test("prepare() reports its progress from the start of each phase to its end", async () => {
  const seen: PrepareProgress[] = [];
  const onProgress = (progress: PrepareProgress) => void seen.push(progress);
  await prepared(
    { ...TREE, "train/cat/bad.jpg": new Uint8Array() },
    { maxBad: 0.1, onProgress },
    () => {},
  );
  const first = (phase: string) => seen.find((progress) => progress.phase === phase);
  assert.deepEqual(first("list"), { phase: "list", done: 0, bad: 0 });
  assert.deepEqual(first("pack"), { phase: "pack", done: 1, total: 31, bad: 1 });
  assert.deepEqual(first("finish"), { phase: "finish", done: 0, total: 30, bad: 1 });
  const last = (phase: string) => seen.findLast((progress) => progress.phase === phase);
  assert.deepEqual(last("list"), { phase: "list", done: 31, bad: 1 });
  assert.deepEqual(last("pack"), { phase: "pack", done: 31, total: 31, bad: 1 });
  assert.deepEqual(last("finish"), { phase: "finish", done: 30, total: 30, bad: 1 });
});

Deno.test("prepare() checks its options before it does anything", async () => {
  const wrong: [PrepareOptions, string][] = [
    [{ size: 0 }, "Cannot use 0 as size: it must be a whole number >= 1"],
    [{ workers: 1.5 }, "Cannot use 1.5 as workers: it must be a whole number >= 1"],
    [{ limit: -1 }, "Cannot use -1 as limit: it must be a whole number >= 1"],
    [{ valFraction: 1 }, "Cannot use 1 as valFraction: it must be between 0 and 1"],
    [{ maxBad: 2 }, "Cannot use 2 as maxBad: it must be from 0 to 1"],
  ];
  for (const [options, message] of wrong) {
    assert.equal(
      await thrown(() => prepare("nowhere", "nowhere", options)),
      `RangeError: ${message}`,
    );
  }
});
