/** `ccmim prepare` with --verify and --append, with the real library. */
import assert from "node:assert/strict";
import { prepareCommand } from "../../cli/prepare.ts";
import { main } from "../../cli/run.ts";
import { prepare } from "../../lib/data/mod.ts";
import { inFolder } from "../_folder.ts";
import { pictures, writeTree } from "../data/_pictures.ts";
import { FakeTerminal } from "./fake_terminal.ts";

/** Runs a line in which `./` stands for the folder. */
async function call(folder: string, line: string) {
  const args = line.split(" ").map((word) => word.replace(/^\.\//, `${folder}/`));
  const terminal = new FakeTerminal();
  const code = await main(["prepare", ...args], { commands: [prepareCommand(prepare)], terminal });
  const [out, err] = [terminal.stdout, terminal.stderr].map((text) => {
    return text.replaceAll(`${folder}/`, "");
  }) as [string, string];
  return { code, out, err };
}

/** Runs `test` in a folder with two sources, of which `one` is packed as `set`. */
async function withSet(test: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    writeTree(`${folder}/one`, pictures(["cat/1.jpg", "dog/2.jpg"]));
    writeTree(`${folder}/two`, pictures(["ant/3.jpg", "dog/4.jpg"]));
    const { code, err } = await call(folder, "./one ./set --size 16 --workers 1");
    assert.equal(code, 0, err);
    await test(folder);
  });
}

Deno.test("ccmim prepare --verify says that a dataset is whole, and ends with 0", () =>
  withSet(async (folder) => {
    const { code, out, err } = await call(folder, "--verify ./set");
    assert.equal(code, 0, err);
    assert.match(out, /^Whole: 2 files of set, \d/);
    const told = JSON.parse((await call(folder, "--verify ./set --json")).out);
    assert.deepEqual([told.files, told.damaged, told.unlisted], [2, [], []]);
  }));

Deno.test("ccmim prepare --verify lists what is damaged, and ends with 3", () =>
  withSet(async (folder) => {
    Deno.truncateSync(`${folder}/set/train-00000.bin`, 100);
    const { code, out } = await call(folder, "--verify ./set");
    assert.equal(code, 3);
    assert.match(out, /^Damaged: 1 of 2 files of set, /);
    assert.match(out, /\n {2}train-00000.bin: 100 bytes in place of 1600\n/);
    const json = await call(folder, "--verify ./set --json");
    assert.equal(json.code, 3);
    assert.deepEqual(JSON.parse(json.out).damaged, [
      { file: "train-00000.bin", reason: "100 bytes in place of 1600" },
    ]);
  }));

Deno.test("ccmim prepare --append adds to a dataset", () =>
  withSet(async (folder) => {
    const { code, out, err } = await call(folder, "--append ./two ./set --workers 1");
    assert.equal(code, 0, err);
    assert.match(out, /^Appended 2 images at 16 x 16 in /);
    assert.match(out, /\n3 classes: train 4\n/);
    const again = await call(folder, "--append ./two ./set --workers 1 --json");
    assert.equal(again.code, 3);
    assert.match(
      again.err,
      /^ccmim prepare: Cannot append two\/ant\/3.jpg to set: it has an image of/m,
    );
    assert.equal(JSON.parse(again.out).error.code, 3);
    const other = await call(folder, "--append ./two ./set --size 32");
    assert.equal(other.code, 3);
    assert.match(other.err, /Cannot append to set with size 32: it was prepared with 16\n$/);
  }));

Deno.test("ccmim prepare refuses modes that contradict each other, with code 2", () =>
  withSet(async (folder) => {
    const cases: Record<string, RegExp> = {
      "--verify ./one ./set": /Cannot verify 2 datasets at once: give one/,
      "--verify --append ./set": /Cannot use --verify together with --append/,
      "--append --force ./two ./set": /Cannot use --append together with --force/,
      "--append --verify ./two ./set": /Cannot use --verify together with --append/,
      "--append ./set": /Cannot tell source and dataset from set alone: give both/,
      "./two ./new --quality 80": /Cannot use 80 as --quality: records are kept raw, not jpeg/,
      "./two ./new --store jpeg --quality 101": /--quality/,
      "./two ./new --store webp": /--store: Expected one of raw.*jpeg/,
    };
    for (const [line, said] of Object.entries(cases)) {
      const { code, err } = await call(folder, line);
      assert.equal(code, 2, `${line}: ${err}`);
      assert.match(err, said);
    }
  }));

Deno.test("ccmim prepare --verify ends with 3 on no dataset and on a newer one", () =>
  withSet(async (folder) => {
    const none = await call(folder, "--verify ./one");
    assert.equal(none.code, 3);
    assert.match(none.err, /Cannot open one as a packed dataset: one\/manifest.json is missing/);
    const file = `${folder}/set/manifest.json`;
    const text = Deno.readTextFileSync(file).replace(`"version": 2`, `"version": 9`);
    Deno.writeTextFileSync(file, text);
    const newer = await call(folder, "--verify ./set");
    assert.equal(newer.code, 3);
    assert.match(newer.err, /its format version 9 is newer than 2, .*; use a newer ccmim/);
  }));
