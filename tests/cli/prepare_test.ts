import assert from "node:assert/strict";
import { prepareCommand } from "../../cli/prepare.ts";
import { main } from "../../cli/run.ts";
import { prepare } from "../../lib/data/mod.ts";
import { inFolder } from "../_folder.ts";
import { pictures, writeTree } from "../data/_pictures.ts";
import { FakeTerminal } from "./fake_terminal.ts";

/** What `ccmim prepare <args>` prints and exits with. */
async function call(...args: string[]) {
  const terminal = new FakeTerminal();
  const commands = [prepareCommand(prepare)];
  const code = await main(["prepare", ...args], { commands, terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

/** What the flags `args` make of the options. */
async function optionsOf(...args: string[]): Promise<Record<string, unknown>> {
  let options: Record<string, unknown> = {};
  const command = prepareCommand((_source, _target, given) => {
    options = { ...given };
    return Promise.reject(new Error("seen"));
  });
  await main(["prepare", ...args], { commands: [command], terminal: new FakeTerminal() });
  const { signal: _signal, onProgress: _onProgress, ...rest } = options;
  return rest;
}

const QUICK = ["--workers", "1", "--decoder", "jpeg-js"];

Deno.test("ccmim prepare packs a folder and says what it did", async () => {
  await inFolder(async (folder) => {
    const files = { ...pictures(["a/1.jpg", "b/1.jpg"]), "b/bad.jpg": new Uint8Array() };
    writeTree(`${folder}/in`, { ...files, "notes.txt": new Uint8Array() });
    const said = await call(`${folder}/in`, `${folder}/out`, "--max-bad", "0.5", ...QUICK);
    assert.equal(said.code, 0, said.err);
    const lines = said.out.replace(/in [\d.]+ s \([\d.,]+ images\/s/, "in TIME").split("\n");
    assert.deepEqual([...lines.slice(0, 5), ...lines.slice(6, 9)], [
      "Packed 2 images at 20 x 20 in TIME, jpeg-js)",
      "2 classes: train 2",
      "      train",
      "  a       1",
      "  b       1",
      `1 bad image was skipped, named in ${folder}/out/manifest.json`,
      "Other files, left out: 1",
      `Contact sheet: ${folder}/out/contact-sheet.png`,
    ]);
    assert.match(lines[5]!, /^Mean (0\.\d+ ){2}0\.\d+, deviation (0\.\d+ ){2}0\.\d+ \(red green/);
    assert.match(lines[9]!, /^Dataset: .*\/out \([\d.]+ MB\)$/);
    assert.match(said.err, /^Packing 3\/3 images \(100%\)/m);
    assert.match(said.err, /^warning: skipped b\/bad.jpg: empty file$/m);
  });
});

Deno.test("ccmim prepare --json prints one object, and errors with their exit code", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, pictures(["1.jpg", "2.jpg"]));
    const paths = [`${folder}/in`, `${folder}/out`];
    const result = JSON.parse((await call(...paths, "--json", ...QUICK)).out);
    assert.deepEqual([result.images, result.splits, result.bad], [2, { train: 2 }, []]);
    const exists = await call(...paths, "--json", ...QUICK);
    assert.equal(exists.code, 3);
    assert.match(JSON.parse(exists.out).error.message, /it exists; use --force to replace it$/);
    assert.equal((await call(...paths, "--force", ...QUICK)).code, 0);
    assert.equal((await call(`${folder}/none`, `${folder}/x`)).code, 3);
  });
});

Deno.test("ccmim prepare passes every flag on", async () => {
  assert.deepEqual(await optionsOf("in", "out"), { force: false, enlarge: false, strict: false });
  const line =
    "in out --size 64 --fit crop --resample area --enlarge --limit 9 --decoder sharp --workers 3 " +
    "--contact-sheet x.png --val-fraction 0.1 --seed 7 --max-bad 0.2 --strict --force";
  assert.deepEqual(await optionsOf(...line.split(" ")), {
    size: 64,
    fit: "crop",
    resample: "area",
    enlarge: true,
    limit: 9,
    decoder: "sharp",
    contactSheet: "x.png",
    workers: 3,
    valFraction: 0.1,
    seed: 7,
    maxBad: 0.2,
    strict: true,
    force: true,
  });
});

Deno.test("ccmim prepare ends with 2 on wrong usage", async () => {
  for (
    const line of [
      "in",
      "in out --size 0",
      "in out --val-fraction 1",
      "in out --max-bad 2",
      "in out --decoder gd",
      "in out --background white",
    ]
  ) {
    assert.equal((await call(...line.split(" "))).code, 2, line);
  }
});

Deno.test("ccmim prepare names the flag that is out of range", async () => {
  const { err } = await call("in", "out", "--val-fraction", "1");
  assert.equal(err, "ccmim prepare: Cannot use 1 as --val-fraction: it must be between 0 and 1\n");
});

Deno.test("ccmim prepare --dry-run says what would be written, and writes nothing", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, pictures(["a/1.jpg", "a/2.jpg", "b/1.jpg"]));
    const paths = [`${folder}/in`, `${folder}/out`];
    const { code, out, err } = await call(...paths, "--dry-run", ...QUICK);
    assert.equal(code, 0, err);
    assert.deepEqual(out.trimEnd().split("\n").map((line) => line.replace(/about .* s,/, "T,")), [
      "Would pack 3 images at 20 x 20 (squash)",
      "2 classes: train 3",
      "      train",
      "  a       2",
      "  b       1",
      "Decoder: jpeg-js 0.4.4, bicubic, 1 thread",
      "Time: T, as 3 images tell",
      `Dataset: ${folder}/out (0.0038 MB in 1 shard), not written`,
    ]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["in"]);
    const json = JSON.parse((await call(...paths, "--dry-run", "--json", ...QUICK)).out);
    assert.deepEqual([json.dryRun, json.images, json.shards], [true, 3, 1]);
    assert.equal((await call(`${folder}/none`, `${folder}/out`, "--dry-run")).code, 3);
    assert.equal((await call(...paths, ...QUICK)).code, 0);
    writeTree(`${folder}/more`, pictures(["c/1.jpg", "d/1.jpg"]));
    const more = [`${folder}/more`, `${folder}/out`];
    const grown = await call("--append", ...more, "--dry-run", "--workers", "1");
    assert.match(grown.out, /^Would append 2 images at 20 x 20 .*\n4 classes: train 5\n/);
  });
});
