/** `ccmim probe` as a process: what it prints, and how it ends. */
import assert from "node:assert/strict";
import { probeCommand } from "../../cli/probe.ts";
import { main } from "../../cli/run.ts";
import { probe } from "../../lib/probe/mod.ts";
import { drawDataset } from "../_drawn.ts";
import { CLASSES, ProbeFolder } from "../probe/_subject.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
  const { path } = folder;
  await drawDataset(`${path}/no-test`, { splits: { train: { red: 4, blue: 4 } } });
  await drawDataset(`${path}/unlabelled`, { splits: { ".": { ".": 4 } } });
  Deno.mkdirSync(`${path}/no-zebra`);
  for (const { name } of Deno.readDirSync(`${path}/data`)) {
    Deno.copyFileSync(`${path}/data/${name}`, `${path}/no-zebra/${name}`);
  }
  const file = `${path}/no-zebra/manifest.json`;
  const manifest = JSON.parse(Deno.readTextFileSync(file));
  manifest.classes.push("zebra");
  Deno.writeTextFileSync(file, JSON.stringify(manifest));
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

/** `@` stands for the folder. */
const argumentsOf = (line: string) => line.replaceAll("@", `${folder.path}/`).split(" ");

/** Runs `ccmim probe` as a process. */
async function run(line: string) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "cli/main.ts", "probe", ...argumentsOf(line)],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [out, err] = [output.stdout, output.stderr].map((x) => new TextDecoder().decode(x));
  return { code: output.code, out: out!, err: err! };
}

/** The same in this process. */
async function runHere(line: string) {
  const terminal = new FakeTerminal();
  const options = { commands: [probeCommand(probe)], terminal };
  const code = await main(["probe", ...argumentsOf(line)], options);
  return { code, out: terminal.stdout, err: terminal.stderr };
}

const SUBJECT = "--checkpoint @run --data @data --device cpu --threads 1";

Deno.test("ccmim probe prints what its figure is, and refuses to write it twice", async () => {
  const first = await run(`${SUBJECT} --out @knn --kind knn --k 3`);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^kNN \(k 3, T 0\.07\), CLS, test top-1: \d+\.\d\d% \(95% interval /);
  assert.match(first.err, /^3 classes; learning from 36 images, judged by 15 \(test\)$/m);
  const second = await runHere(`${SUBJECT} --out @knn --kind knn --k 3 --json`);
  assert.equal(second.code, 2);
  assert.match(
    JSON.parse(second.out).error.message,
    /^Cannot write a probe to .+: it exists; use --force/,
  );
  const forced = await runHere(`${SUBJECT} --out @knn --kind knn --k 4 --json --force`);
  assert.equal(forced.code, 0, forced.err);
  const { what, classes } = JSON.parse(forced.out);
  assert.deepEqual([what, classes], ["kNN (k 4, T 0.07), CLS, test top-1", CLASSES]);
});

const FAILURES: Readonly<Record<string, readonly [string, number, RegExp]>> = {
  "an unknown checkpoint": [
    "--checkpoint @nothing --data @data --out @x",
    3,
    /Cannot read weights from .+nothing: it does not exist/,
  ],
  "a checkpoint of another size": [
    `${SUBJECT} --out @x --model tiny`,
    2,
    /Cannot probe .+run with --model tiny: the checkpoint is 16x2x2, 8 px in patches of 4/,
  ],
  "another patch": [`${SUBJECT} --out @x --patch 2`, 2, /with --patch 2: the checkpoint is 16x2x2/],
  "more neighbours than images": [
    `${SUBJECT} --out @x --kind knn --k 37`,
    2,
    /Cannot ask 37 neighbours \(--k\): there are 36 labelled training images/,
  ],
  "more labels than there are": [
    `${SUBJECT} --out @x --cache --labels-per-class 13`,
    2,
    /Cannot take 13 labelled images of each class \(--labels-per-class\): blue has 12/,
  ],
  "an option of another kind": [
    `${SUBJECT} --out @x --k 3`,
    2,
    /Cannot take --k with --kind linear: it is for --kind knn/,
  ],
  "a cache of neighbours": [
    `${SUBJECT} --out @x --kind knn --cache`,
    2,
    /Cannot take --cache with --kind knn/,
  ],
  "more blocks than there are": [
    `${SUBJECT} --out @x --kind partial --blocks 3`,
    2,
    /Cannot train the last 3 blocks \(--blocks\): there are 2/,
  ],
  "a folder that is no probe's": [
    `${SUBJECT} --out @data --force --kind knn`,
    2,
    /Cannot replace .+data: it is no probe's folder/,
  ],
  "no split to be judged by": [
    "--checkpoint @run --data @no-test --out @x",
    3,
    /Cannot probe with .+no-test: it has no test and no val split to judge by/,
  ],
  "a class that is missing in a split": [
    "--checkpoint @run --data @no-zebra --out @x",
    3,
    /Cannot probe 4 classes: the train split has no image of zebra/,
  ],
  "no labels": [
    "--checkpoint @run --data @unlabelled --out @x",
    3,
    /Cannot probe with .+unlabelled: its images have no labels/,
  ],
  "no dataset": ["--checkpoint @run --data @none --out @x", 3, /Cannot read .+none as a dataset/],
};
for (const [what, [line, code, message]] of Object.entries(FAILURES)) {
  Deno.test(`ccmim probe ends with ${code} for ${what}, in one line`, async () => {
    const { code: ended, out, err } = await runHere(`${line} --json`);
    assert.equal(ended, code, err);
    assert.match(err.trimEnd().split("\n").at(-1)!, message);
    assert.deepEqual(JSON.parse(out).error.code, code);
    assert.throws(() => Deno.statSync(`${folder.path}/x`), Deno.errors.NotFound, "nothing is left");
  });
}
