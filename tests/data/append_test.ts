import assert from "node:assert/strict";
import { append } from "../../lib/data/append.ts";
import { planAppend } from "../../lib/data/dry_run.ts";
import { openDataset } from "../../lib/data/dataset.ts";
import { prepare, type PrepareOptions } from "../../lib/data/mod.ts";
import type { PrepareProgress } from "../../lib/data/prepare_options.ts";
import { verifyDataset } from "../../lib/data/verify.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, thrown, writeTree } from "./_pictures.ts";

const QUICK: PrepareOptions = { workers: 1, decoder: "jpeg-js", contactSheet: false };
const FIRST = pictures(["train/cat/1.jpg", "train/dog/2.jpg", "train/dog/3.jpg", "val/cat/4.jpg"]);
const MORE = pictures(["train/ant/1.jpg", "train/dog/2.jpg", "val/bee/5.jpg", "train/bee/6.jpg"]);

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const bytesOf = (folder: string) =>
  Object.fromEntries(
    names(folder).map((name) => [name, Deno.readFileSync(`${folder}/${name}`).toHex()]),
  );

/** Runs `test` with the sources `first` and `more`, and `first` prepared as `packed`. */
async function withDataset(
  options: PrepareOptions,
  test: (folder: string) => Promise<void>,
  first: Record<string, Uint8Array> = FIRST,
): Promise<void> {
  await inFolder(async (folder) => {
    writeTree(`${folder}/first`, first);
    writeTree(`${folder}/more`, MORE);
    await prepare(`${folder}/first`, `${folder}/packed`, { ...QUICK, ...options });
    await test(folder);
  });
}

/** Paths and labels of a split. */
function samples(folder: string, name: "train" | "val"): [string, string][] {
  using dataset = openDataset(folder);
  const split = dataset.split(name);
  return Array.from({ length: split.count }, (_, i) => {
    return [split.path(i), dataset.manifest.classes[split.label(i)]!];
  });
}

for (const store of ["raw", "jpeg"] as const) {
  const options: PrepareOptions = {
    size: 16,
    store,
    shardBytes: store === "raw" ? 16 * 16 * 6 : 192,
  };

  Deno.test(`append() adds images after those there are, whose shards and labels stay: ${store}`, () =>
    withDataset(options, async (folder) => {
      const target = `${folder}/packed`;
      const before = bytesOf(target);
      const { digest } = openDataset(target);
      const plan = await planAppend(`${folder}/more`, target, QUICK);
      assert.deepEqual(bytesOf(target), before);
      const result = await append(`${folder}/more`, target, QUICK);
      const foreseen = [
        "images",
        "appended",
        "splits",
        "balance",
        "size",
        "classes",
        "bad",
      ] as const;
      for (const name of foreseen) assert.deepEqual(plan[name], result[name], name);
      const manifestBytes = Deno.statSync(`${target}/manifest.json`).size;
      if (store === "raw") assert.equal(plan.bytes, result.bytes - manifestBytes);
      const shards = names(target).filter((name) => /^\w+-\d+\.bin$/.test(name));
      assert.equal(plan.shards, shards.length);
      assert.deepEqual([result.images, result.appended], [4, true]);
      assert.deepEqual(result.splits, { train: 6, val: 2 });
      using dataset = openDataset(target);
      assert.deepEqual(verifyDataset(target).damaged, []);
      assert.deepEqual(verifyDataset(target).unlisted, []);
      assert.notEqual(dataset.digest, digest);
      assert.equal(dataset.digest, result.digest);
      assert.deepEqual(dataset.manifest.classes, ["cat", "dog", "ant", "bee"]);
      assert.deepEqual(dataset.manifest.splits.train!.perClass, [1, 3, 1, 1]);
      assert.deepEqual(samples(target, "train"), [
        ["train/cat/1.jpg", "cat"],
        ["train/dog/2.jpg", "dog"],
        ["train/dog/3.jpg", "dog"],
        ["more/train/ant/1.jpg", "ant"],
        ["more/train/bee/6.jpg", "bee"],
        ["more/train/dog/2.jpg", "dog"],
      ]);
      assert.deepEqual(samples(target, "val").map(([path]) => path), [
        "val/cat/4.jpg",
        "more/val/bee/5.jpg",
      ]);
      const after = bytesOf(target);
      for (const [name, bytes] of Object.entries(before)) {
        if (/-\d{5}.bin$/.test(name)) assert.equal(after[name], bytes, name);
      }
      // the same pixels as if they had been prepared at once
      await prepare(`${folder}/more`, `${folder}/alone`, { ...QUICK, ...options });
      using alone = openDataset(`${folder}/alone`);
      const [a, b] = [new Uint8Array(768), new Uint8Array(768)];
      for (const [i, rank] of [[3, 0], [4, 1], [5, 2]] as const) {
        dataset.split("train").read(i, a);
        alone.split("train").read(rank, b);
        assert.deepEqual(a, b);
      }
      assert.deepEqual(names(folder), ["alone", "first", "more", "packed"]);
    }));

  Deno.test(`append() goes on where it was stopped, and appends once more: ${store}`, () =>
    withDataset(options, async (folder) => {
      const target = `${folder}/packed`;
      const before = bytesOf(target);
      for (const phase of ["pack", "finish"] as const) {
        const controller = new AbortController();
        const onProgress = (progress: PrepareProgress) => {
          if (progress.phase === phase) controller.abort();
        };
        const { signal } = controller;
        const message = await thrown(() =>
          append(`${folder}/more`, target, { ...QUICK, signal, onProgress })
        );
        assert.match(message, /^InterruptedError: Stopped; what is packed so far is kept/);
        assert.deepEqual(bytesOf(target), before);
      }
      const { continued, digest } = await append(`${folder}/more`, target, QUICK);
      assert.equal(continued, 4);

      await prepare(`${folder}/first`, `${folder}/other`, { ...QUICK, ...options });
      assert.equal((await append(`${folder}/more`, `${folder}/other`, QUICK)).digest, digest);

      writeTree(`${folder}/third`, pictures(["train/dog/9.jpg"]));
      await append(`${folder}/third`, target, QUICK);
      assert.equal(samples(target, "train").length, 7);
      assert.ok(names(target).includes("train-index-00002.bin"));
      assert.deepEqual(verifyDataset(target).unlisted, []);
      assert.equal(openDataset(target).manifest.appended.length, 2);
    }));
}

Deno.test("append() brings mean and deviation up to date", () =>
  withDataset({ size: 16 }, async (folder) => {
    const { statistics } = await append(`${folder}/more`, `${folder}/packed`, QUICK);
    await prepare([`${folder}/first`, `${folder}/more`], `${folder}/once`, { ...QUICK, size: 16 });
    const once = openDataset(`${folder}/once`).manifest.statistics;
    assert.equal(once.split, statistics.split);
    for (const key of ["mean", "deviation"] as const) {
      once[key].forEach((value, c) => assert.ok(Math.abs(value - statistics[key][c]!) < 1e-12));
    }
  }));

Deno.test("append() takes what an earlier call had put into the dataset before it was killed", () =>
  withDataset({ size: 16 }, async (folder) => {
    const target = `${folder}/packed`;
    const unfinished = `${folder}/.packed.unfinished`;
    const controller = new AbortController();
    const onProgress = ({ phase, done }: PrepareProgress) => {
      if (phase === "finish" && done > 0) controller.abort();
    };
    const { signal } = controller;
    await thrown(() => append(`${folder}/more`, target, { ...QUICK, signal, onProgress }));
    Deno.renameSync(`${unfinished}/train-00001.bin`, `${target}/train-00001.bin`);
    assert.deepEqual(verifyDataset(target).unlisted, ["train-00001.bin"]);
    const { continued } = await append(`${folder}/more`, target, QUICK);
    assert.equal(continued, 4);
    assert.deepEqual(verifyDataset(target).damaged, []);
    assert.deepEqual(verifyDataset(target).unlisted, []);
  }));

Deno.test("append() labels an unlabelled dataset's new images, and takes unlabelled ones", async () => {
  await withDataset({ size: 16 }, async (folder) => {
    const target = `${folder}/packed`;
    writeTree(`${folder}/flat`, pictures(["7.jpg"]));
    await append(`${folder}/flat`, target, QUICK);
    await append(`${folder}/more`, target, QUICK);
    using dataset = openDataset(target);
    assert.deepEqual([...dataset.split("train").labels], [-1, -1, 0, 1, 2]);
    assert.deepEqual(dataset.manifest.classes, ["ant", "bee", "dog"]);
  }, { "1.jpg": picture(1, 20, 20) });
});

Deno.test("append() refuses what the dataset cannot take, and leaves it as it is", () =>
  withDataset({ size: 16, store: "jpeg", quality: 80 }, async (folder) => {
    const target = `${folder}/packed`;
    const before = bytesOf(target);
    const refused: [PrepareOptions, RegExp][] = [
      [
        { size: 32 },
        /^DataError: Cannot append to .*packed with size 32: it was prepared with 16$/,
      ],
      [{ store: "raw" }, /with store raw: it was prepared with jpeg$/],
      [{ quality: 90 }, /with quality 90: it was prepared with 80$/],
      [{ fit: "crop" }, /with fit crop: it was prepared with squash$/],
      [{ resample: "area" }, /with resample area: it was prepared with bicubic$/],
      [{ enlarge: true }, /with enlarge true: it was prepared with false$/],
      [{ valFraction: 0.5 }, /Cannot hold out a share for validation: the source has a val split$/],
    ];
    for (const [options, message] of refused) {
      const append_ = () => append(`${folder}/more`, target, { ...QUICK, ...options });
      assert.match(await thrown(append_), message);
    }
    writeTree(`${folder}/odd`, pictures(["train/cat/1.jpg", "val/emu/2.jpg"]));
    assert.match(
      await thrown(() => append(`${folder}/odd`, target, QUICK)),
      /^DataError: Cannot use class "emu" of val or test: train has none$/,
    );
    assert.match(
      await thrown(() => append(`${folder}/more`, `${folder}/none`, QUICK)),
      /^DataError: Cannot open .*none as a packed dataset: .* is missing$/,
    );
    assert.deepEqual(bytesOf(target), before);
    await append(`${folder}/more`, target, QUICK);
    assert.match(
      await thrown(() => append(`${folder}/more`, target, QUICK)),
      /^DataError: Cannot append more\/train\/ant\/1.jpg to .*: it has an image of that path; it may have been appended before$/,
    );
    assert.deepEqual(names(folder), ["first", "more", "odd", "packed"]);
  }));

Deno.test("planAppend() refuses what append() refuses", () =>
  withDataset({ size: 16 }, async (folder) => {
    const target = `${folder}/packed`;
    const plan = (source: string, options = {}) =>
      thrown(() => planAppend(`${folder}/${source}`, target, { ...QUICK, ...options }));
    assert.match(await plan("more", { size: 20 }), /with size 20: it was prepared with 16$/);
    assert.match(await plan("none"), /there is no such file or folder$/);
    await append(`${folder}/more`, target, QUICK);
    assert.match(await plan("more"), /it may have been appended before$/);
  }));
