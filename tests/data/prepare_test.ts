import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { openDataset } from "../../lib/data/dataset.ts";
import { openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { prepare } from "../../lib/data/prepare.ts";
import type { PrepareOptions, PrepareProgress } from "../../lib/data/prepare_options.ts";
import {
  type Files,
  inTempFolder,
  picture,
  pictures,
  tarOf,
  thrown,
  writeTree,
} from "./_pictures.ts";

/** One thread and the portable decoder: what most tests need to be fast. */
const QUICK: PrepareOptions = { workers: 1, decoder: "jpeg-js" };

/** Two classes in three splits, 30 images. */
const TREE = pictures([
  ...Array.from({ length: 20 }, (_, i) => `train/${i % 2 ? "dog" : "cat"}/${i}.jpg`),
  ...Array.from({ length: 6 }, (_, i) => `val/${i % 2 ? "dog" : "cat"}/${i}.jpeg`),
  ...Array.from({ length: 4 }, (_, i) => `test/${i % 2 ? "dog" : "cat"}/${i}.JPG`),
]);

/** Prepares `files` from a folder, runs `check` on the dataset and what is beside it. */
async function prepared(
  files: Files,
  options: PrepareOptions,
  check: (found: {
    readonly dataset: ReturnType<typeof openDataset>;
    readonly result: Awaited<ReturnType<typeof prepare>>;
  }) => void | Promise<void>,
): Promise<void> {
  await inTempFolder(async (folder) => {
    writeTree(`${folder}/pictures`, files);
    const result = await prepare(`${folder}/pictures`, `${folder}/packed`, {
      ...QUICK,
      ...options,
    });
    using dataset = openDataset(`${folder}/packed`);
    dataset.verify();
    assert.equal(dataset.digest, result.digest);
    await check({ dataset, result });
  });
}

/** What preparing `files` fails with, once nothing is left beside the source. */
async function failed(files: Files, options: PrepareOptions): Promise<string> {
  let message = "";
  await inTempFolder(async (folder) => {
    writeTree(`${folder}/pictures`, files);
    message = await thrown(() =>
      prepare(`${folder}/pictures`, `${folder}/packed`, { ...QUICK, ...options })
    );
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["pictures"]);
  });
  return message;
}

/** All bytes of a dataset, by file. */
function contents(folder: string): Record<string, string> {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(files.map((name) => {
    return [name, Deno.readFileSync(`${folder}/${name}`).toHex()];
  }));
}

Deno.test("prepare() writes the same bytes from a folder and from tars, with one thread or three", async () => {
  await inTempFolder(async (folder) => {
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

Deno.test("prepare() takes flat folders as unlabelled and leaves out other files", async () => {
  const files = { ...pictures(["b.jpg", "a.jpg"]), "readme.txt": Uint8Array.of(65) };
  await prepared(files, {}, ({ dataset, result }) => {
    assert.deepEqual(dataset.manifest.classes, []);
    assert.deepEqual([...dataset.split("train").labels], [-1, -1]);
    assert.equal(dataset.split("train").path(0), "a.jpg");
    assert.equal(result.ignored, 1);
  });
});

Deno.test("prepare() chooses the median shorter side, at most 256, and enlarges nothing", async () => {
  const files = {
    "a.jpg": picture(0, 12, 30),
    "b.jpg": picture(1, 40, 20),
    "c.jpg": picture(2, 50, 60),
  };
  await prepared(files, {}, async ({ dataset, result }) => {
    assert.deepEqual([result.size, result.smaller], [20, 1]);
    const split = dataset.split("train");
    assert.deepEqual(split.storedSize(0), { width: 12, height: 20 });
    assert.deepEqual(split.storedSize(1), { width: 20, height: 20 });
    const record = new Uint8Array(split.recordBytes);
    split.read(0, record);
    const decoder = await openDecoder("jpeg-js");
    const size = { width: 12, height: 20 };
    const pixels = await decoder.decode(files["a.jpg"], dimensions(files["a.jpg"])!, size);
    for (let y = 0; y < 20; y++) {
      const row = record.subarray(y * 60, (y + 1) * 60);
      assert.deepEqual(row.subarray(0, 36), pixels.subarray(y * 36, (y + 1) * 36));
      assert.ok(row.subarray(36).every((value, i) => value === row[33 + i % 3]));
    }
  });
  await prepared({ "a.jpg": picture(0, 300, 270) }, {}, ({ result }) => {
    assert.equal(result.size, 256);
  });
  await prepared(files, { size: 32, enlarge: true }, ({ dataset, result }) => {
    assert.deepEqual([result.size, result.smaller], [32, 0]);
    assert.deepEqual(dataset.split("train").storedSize(0), { width: 32, height: 32 });
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

Deno.test("prepare() holds out a share of train by the seed, and not where there is a val", async () => {
  const paths = Array.from({ length: 20 }, (_, i) => `c${i % 4}/${i}.jpg`);
  const held: string[][] = [];
  for (const [seed, files] of [[5, pictures(paths)], [5, pictures(paths.toReversed())]] as const) {
    await prepared(files, { valFraction: 0.25, seed }, ({ dataset, result }) => {
      assert.deepEqual(result.splits, { train: 15, val: 5 });
      assert.deepEqual(dataset.manifest.held, { fraction: 0.25, seed: 5 });
      const val = dataset.split("val");
      held.push(Array.from({ length: val.count }, (_, i) => val.path(i)));
    });
  }
  assert.deepEqual(held[0], held[1]);
  assert.equal(
    await failed(TREE, { valFraction: 0.1 }),
    "DataError: Cannot hold out a share for validation: the source has a val split",
  );
});

Deno.test("prepare() spreads a limit over splits and classes", async () => {
  await prepared(TREE, { limit: 15 }, ({ dataset, result }) => {
    assert.deepEqual(result.splits, { train: 10, val: 3, test: 2 });
    const labels = [...dataset.split("train").labels];
    assert.deepEqual(labels, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });
});

/** Images that are bad in every way that there is; two are found only when they are decoded. */
const BAD: Files = {
  "bad/empty.jpg": new Uint8Array(),
  "bad/text.jpg": new TextEncoder().encode("<html>"),
  "cut/half.jpg": picture(9, 64, 64).slice(0, -700),
  "cut/most.jpg": picture(8, 64, 64).slice(0, -300),
};

Deno.test("prepare() names and skips bad images, as if they were not there", async () => {
  const good = pictures(["bad/a.jpg", "bad/z.jpg", "cut/a.jpg", "cut/i.jpg", "cut/z.jpg"]);
  for (const decoder of ["sharp", "jpeg-js"] as const) {
    let pixels = "";
    await prepared(good, { decoder, size: 16 }, ({ dataset }) => {
      pixels = contents(dataset.folder)["train-00000.bin"]!;
    });
    await prepared(
      { ...good, ...BAD },
      { decoder, size: 16, maxBad: 0.5 },
      ({ dataset, result }) => {
        assert.equal(contents(dataset.folder)["train-00000.bin"], pixels);
        assert.deepEqual(result.bad.map(({ path }) => path), Object.keys(BAD));
        assert.equal(result.bad[0]!.reason, "empty file");
        assert.equal(result.bad[1]!.reason, "not a JPEG, PNG, WebP, AVIF or GIF image");
        assert.ok(result.bad.every(({ reason }) => reason.length > 0 && !reason.includes("\n")));
        assert.deepEqual(dataset.manifest.bad, result.bad);
        const split = dataset.split("train");
        const paths = Array.from({ length: split.count }, (_, i) => split.path(i));
        assert.deepEqual(paths, Object.keys(good));
      },
    );
  }
});

Deno.test("prepare() fails on too many bad images, and on the first where it is strict", async () => {
  const good = pictures(Array.from({ length: 149 }, (_, i) => `${i + 100}.jpg`), 8, 8);
  const cut = { "cut1.jpg": BAD["cut/half.jpg"]!, "cut2.jpg": BAD["cut/most.jpg"]! };
  const empty = { "empty1.jpg": new Uint8Array(), "empty2.jpg": new Uint8Array() };
  assert.match(
    await failed({ ...good, ...empty }, {}),
    /^DataError: Cannot use the source: 2 or more of its 151 images are bad, and --max-bad allows 1%: empty1.jpg/,
  );
  assert.match(await failed({ ...good, ...cut }, {}), /2 or more of its 151 images are bad/);
  assert.match(await failed({ ...good, ...cut }, { strict: true }), /Cannot use cut1.jpg: \S/);
  await prepared({ ...good, ...cut }, { maxBad: 0.03 }, ({ result }) => {
    assert.equal(result.images, 149);
  });
  assert.equal(
    await failed({ "a.jpg": new Uint8Array() }, { maxBad: 1 }).then((text) => text.slice(-16)),
    "no image is good",
  );
});

Deno.test("prepare() refuses a target that exists, and replaces a dataset only when told", async () => {
  await inTempFolder(async (folder) => {
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

Deno.test("prepare() packs the central square with fit crop, and resizes as it is told", async () => {
  const wide = picture(3, 40, 20);
  const whole = await openDecoder("sharp", { fit: "squash" });
  const all = await whole.decode(wide, dimensions(wide)!, { width: 40, height: 20 });
  const square = Uint8Array.from({ length: 20 * 20 * 3 }, (_, i) => {
    return all[(Math.floor(i / 60) * 40 + 10) * 3 + i % 60]!;
  });
  for (const decoder of ["sharp", "jpeg-js"] as const) {
    const options = { decoder, size: 20, fit: "crop" } as const;
    await prepared({ "a.jpg": wide }, options, ({ dataset }) => {
      assert.equal(dataset.manifest.fit, "crop");
      const split = dataset.split("train");
      assert.deepEqual(split.originalSize(0), { width: 20, height: 20 });
      assert.deepEqual(split.storedSize(0), { width: 20, height: 20 });
      const record = new Uint8Array(split.recordBytes);
      split.read(0, record);
      const far = record.filter((value, i) => Math.abs(value - square[i]!) > 8);
      assert.ok(far.length < 0.01 * record.length, `${decoder}: ${far.length} differ`);
    });
  }
  const pixels = new Map<string, string>();
  for (const resample of ["bicubic", "lanczos", "area"] as const) {
    await prepared({ "a.jpg": wide }, { size: 8, resample }, ({ dataset }) => {
      assert.equal(dataset.manifest.decoder.resize, resample);
      pixels.set(contents(dataset.folder)["train-00000.bin"]!, resample);
    });
  }
  assert.equal(pixels.size, 3);
});

Deno.test("prepare() does not call what is cropped smaller, and stores what is small at its size", async () => {
  const files = { "a.jpg": picture(0, 12, 30), "b.jpg": picture(1, 40, 20) };
  await prepared(files, { size: 20, fit: "crop" }, ({ dataset, result }) => {
    assert.equal(result.smaller, 1);
    const split = dataset.split("train");
    assert.deepEqual(split.storedSize(0), { width: 12, height: 12 });
    assert.deepEqual(split.originalSize(1), { width: 20, height: 20 });
  });
});

Deno.test("prepare() counts the images of every class and split, and those of none", async () => {
  const files = {
    ...pictures(["train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "test/a/1.jpg"]),
    "train/b/bad.jpg": new Uint8Array(),
  };
  await prepared(files, { maxBad: 0.5 }, ({ dataset, result }) => {
    assert.deepEqual(result.balance, [
      { name: "a", splits: { train: 2, test: 1 } },
      { name: "b", splits: { train: 1, test: 0 } },
    ]);
    assert.deepEqual(dataset.manifest.splits.train!.perClass, [2, 1]);
    assert.deepEqual(result.statistics, dataset.manifest.statistics);
  });
  await prepared(pictures(["1.jpg", "2.jpg"]), {}, ({ result }) => {
    assert.deepEqual(result.balance, [{ name: null, splits: { train: 2 } }]);
  });
});
