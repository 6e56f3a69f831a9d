import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/dataset.ts";
import { JOURNAL } from "../../lib/data/journal.ts";
import { prepare, type PrepareOptions } from "../../lib/data/mod.ts";
import type { PrepareProgress, PrepareResult } from "../../lib/data/prepare_options.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, thrown, writeTree } from "./_pictures.ts";
import { contents } from "./_prepared.ts";

/** More than a batch of 128, so that a run can be stopped between two; one image is bad, so gaps are closed. */
const COUNT = 150, BAD = 70;
const TREE: Record<string, Uint8Array> = pictures(
  Array.from({ length: COUNT }, (_, i) => `${i % 3 ? "dog" : "cat"}/${100 + i}.jpg`),
  12,
  10,
);
TREE[`dog/${100 + BAD}.jpg`] = picture(9, 64, 64).slice(0, -700);

const OPTIONS: PrepareOptions = {
  workers: 1,
  decoder: "jpeg-js",
  size: 8,
  shardBytes: 8 * 8 * 3 * 40,
  valFraction: 0.2,
  contactSheet: false,
};
const STORES: PrepareOptions[] = [OPTIONS, {
  ...OPTIONS,
  store: "jpeg",
  shardBytes: 8 * 8 * 3 * 5,
}];

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Prepares and stops when `when` says so; what it throws. */
async function stopped(
  source: string,
  target: string,
  options: PrepareOptions,
  when: (progress: PrepareProgress) => boolean,
): Promise<string> {
  const controller = new AbortController();
  const onProgress = (progress: PrepareProgress) => {
    if (when(progress)) controller.abort();
  };
  return await thrown(() =>
    prepare(source, target, { ...options, signal: controller.signal, onProgress })
  );
}

const afterOneBatch = ({ phase, done }: PrepareProgress) => phase === "pack" && done >= 64;

/** Runs `test` with a source, a target, and what preparing at once gives. */
async function withSource(
  options: PrepareOptions,
  test: (paths: {
    readonly folder: string;
    readonly source: string;
    readonly target: string;
    readonly whole: Record<string, string>;
  }) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const [source, target] = [`${folder}/pictures`, `${folder}/packed`];
    writeTree(source, TREE);
    await prepare(source, `${folder}/whole`, options);
    const whole = contents(`${folder}/whole`);
    Deno.removeSync(`${folder}/whole`, { recursive: true });
    await test({ folder, source, target, whole });
  });
}

for (const options of STORES) {
  const { store = "raw" } = options;
  Deno.test(`prepare() goes on where it was stopped, to the same bytes: ${store}`, () =>
    withSource(options, async ({ folder, source, target, whole }) => {
      assert.equal(
        await stopped(source, target, options, afterOneBatch),
        "InterruptedError: Stopped; what is packed so far is kept, and the same command goes on from there",
      );
      assert.deepEqual(names(folder), [".packed.unfinished", "pictures"]);
      await stopped(source, target, options, ({ phase }) => phase === "list"); // touches nothing
      let decoded = 0;
      const onProgress = ({ phase, done }: PrepareProgress) => {
        if (phase === "pack") decoded = Math.max(decoded, done);
      };
      const result = await prepare(source, target, { ...options, onProgress });
      assert.equal(decoded, COUNT);
      assert.ok(result.continued >= 63 && result.continued < COUNT, `${result.continued}`);
      assert.deepEqual(result.warnings, []);
      assert.deepEqual(contents(target), whole);
      assert.deepEqual(names(folder), ["packed", "pictures"]);
      openDataset(target).verify();
    }));

  Deno.test(`prepare() goes on where its shards were put in order: ${store}`, () =>
    withSource(options, async ({ source, target, whole }) => {
      await stopped(source, target, options, ({ phase }) => phase === "finish");
      const result = await prepare(source, target, options);
      assert.equal(result.continued, COUNT - 1);
      assert.deepEqual(contents(target), whole);
    }));

  Deno.test(`prepare() starts anew where finished shards are gone: ${store}`, () =>
    withSource(options, async ({ folder, source, target, whole }) => {
      let reports = 0;
      await stopped(source, target, options, ({ phase }) => phase === "finish" && ++reports > 2);
      const unfinished = `${folder}/.packed.unfinished`;
      const shards = names(unfinished).filter((name) => name.startsWith("train-00000.bin"));
      assert.ok(shards.length > 0);
      for (const name of shards) Deno.removeSync(`${unfinished}/${name}`);
      const result = await prepare(source, target, options);
      assert.equal(result.continued, 0);
      assert.deepEqual(result.warnings, [
        "what an interrupted run had packed is not used: some of its shards are gone",
      ]);
      assert.deepEqual(contents(target), whole);
    }));

  Deno.test(`prepare() packs again what changed since, whatever its size: ${store}`, () =>
    withSource(options, async ({ source, target }) => {
      await stopped(source, target, options, afterOneBatch);
      const changed = "cat/100.jpg";
      Deno.writeFileSync(`${source}/${changed}`, picture(77, 12, 10));
      const result = await prepare(source, target, options);
      assert.ok(result.continued >= 62, `${result.continued}`);
      const whole = `${target}-whole`;
      await prepare(source, whole, options);
      assert.deepEqual(contents(target), contents(whole));
    }));
}

/** Sources or options that are others than those of the run that was stopped. */
const OTHERS: Record<string, (source: string) => PrepareOptions> = {
  "another size": () => ({ ...OPTIONS, size: 9 }),
  "another store": () => ({ ...OPTIONS, store: "jpeg" }),
  "another fit": () => ({ ...OPTIONS, fit: "crop" }),
  "another seed": () => ({ ...OPTIONS, seed: 3 }),
  "another image": (source) => {
    writeTree(source, { "cat/1.jpg": picture(5, 12, 10) });
    return OPTIONS;
  },
  "an image less": (source) => {
    Deno.removeSync(`${source}/cat/100.jpg`);
    return OPTIONS;
  },
  "an image of another size": (source) => {
    writeTree(source, { "cat/100.jpg": picture(5, 13, 10) });
    return OPTIONS;
  },
};
for (const [what, change] of Object.entries(OTHERS)) {
  Deno.test(`prepare() starts anew with ${what}, and says so`, () =>
    inFolder(async (folder) => {
      const [source, target] = [`${folder}/pictures`, `${folder}/packed`];
      writeTree(source, TREE);
      await stopped(source, target, OPTIONS, afterOneBatch);
      const options = change(source);
      const result = await prepare(source, target, options);
      assert.equal(result.continued, 0);
      assert.deepEqual(result.warnings, [
        "what an interrupted run had packed is not used: sources or options have changed",
      ]);
      await prepare(source, `${folder}/whole`, options);
      assert.deepEqual(contents(target), contents(`${folder}/whole`));
    }));
}

Deno.test("prepare() starts anew where a file changed after the shards were put in order", () =>
  withSource(OPTIONS, async ({ folder, source, target }) => {
    // as a process leaves it that is killed before the folder gets its name
    await prepare(source, target, OPTIONS);
    const unfinished = `${folder}/.packed.unfinished`;
    const result = await killedAtTheEnd(source, target, unfinished);
    assert.equal(result.continued, 0);
    assert.match(result.warnings[0]!, /^what an interrupted run had packed is not used/);
    await prepare(source, `${folder}/whole`, OPTIONS);
    assert.deepEqual(contents(target), contents(`${folder}/whole`));
  }));

/** Prepares after a run that left finished shards behind, and a change. */
async function killedAtTheEnd(
  source: string,
  target: string,
  unfinished: string,
): Promise<PrepareResult> {
  Deno.removeSync(target, { recursive: true });
  await stopped(source, target, OPTIONS, ({ phase }) => phase === "finish");
  const journal = Deno.readTextFileSync(`${unfinished}/${JOURNAL}`);
  const shard = { file: "train-00000.bin", bytes: 1, sha256: "0".repeat(64), records: 1 };
  Deno.writeTextFileSync(`${unfinished}/${JOURNAL}`, `${journal}${JSON.stringify(shard)}\n`);
  Deno.writeFileSync(`${source}/cat/100.jpg`, picture(77, 12, 10));
  return await prepare(source, target, OPTIONS);
}

Deno.test("prepare() goes on from a journal whose last line was cut off, and from none", () =>
  withSource(OPTIONS, async ({ folder, source, target, whole }) => {
    const journal = `${folder}/.packed.unfinished/${JOURNAL}`;
    for (const cut of [30, Infinity]) {
      await stopped(source, target, OPTIONS, afterOneBatch);
      const { size } = Deno.statSync(journal);
      if (cut < Infinity) Deno.truncateSync(journal, size - cut);
      else Deno.removeSync(journal);
      const result = await prepare(source, target, OPTIONS);
      assert.equal(result.continued > 60, cut < Infinity);
      assert.deepEqual(contents(target), whole);
      Deno.removeSync(target, { recursive: true });
    }
  }));

Deno.test("prepare() refuses a target that another process prepares", () =>
  inFolder(async (folder) => {
    const [source, target] = [`${folder}/pictures`, `${folder}/packed`];
    writeTree(source, pictures(["a.jpg", "b.jpg", "c.jpg"]));
    const messages = await Promise.all(
      [1, 2].map(() => thrown(() => prepare(source, target, OPTIONS)).catch(() => "done")),
    );
    assert.equal(messages.filter((message) => message === "done").length, 1);
    const refused = messages.find((message) => message !== "done")!;
    assert.match(
      refused,
      /^(LockedError: Cannot write .*: process \d+ on|DataError: .* it exists)/,
    );
  }));
