/** `ccmim finetune`, `export` and `embed` on what it made: what they print, and how they end. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { drawDataset } from "../_drawn.ts";
import { CLASSES, ProbeFolder } from "../probe/_subject.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
  const { path } = folder;
  await drawDataset(`${path}/unlabelled`, { splits: { ".": { ".": 4 } } });
  await drawDataset(`${path}/no-test`, { splits: { train: { blue: 4, dark: 4, red: 4 } } });
  const four = { green: 3, blue: 3, red: 3, dark: 3 };
  await drawDataset(`${path}/four`, { splits: { train: four, test: four } });
  const renamed = { green: 3, blue: 3, red: 3 };
  await drawDataset(`${path}/renamed`, { splits: { train: renamed, test: renamed } });
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

/** `@` stands for the folder. */
const argumentsOf = (line: string) => line.replaceAll("@", `${folder.path}/`).split(" ");

async function call(line: string) {
  const terminal = new FakeTerminal();
  const code = await main(argumentsOf(line), { commands: COMMANDS, terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

const MACHINE = "--device cpu --threads 1";
const SUBJECT = `--checkpoint @run --data @data ${MACHINE}`;

Deno.test("ccmim finetune prints what its figure is; its run is judged, exported and labels images", async () => {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "cli/main.ts", "finetune"],
      ...argumentsOf(`${SUBJECT} --out @tuned --epochs 2 --batch 8 --lr 0.01`),
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const [out, err] = [decode(output.stdout), decode(output.stderr)];
  assert.equal(output.code, 0, err);
  assert.match(
    out,
    /^fine-tuned, mean pool, 2 epochs, test top-1: \d+\.\d\d% \(95% interval .+, 15 images\)$/m,
  );
  assert.match(err, /^Epoch 2: held-out training images top-1 \d/m);
  const { top1, classes } = JSON.parse(
    Deno.readTextFileSync(`${folder.path}/tuned/finetune.json`),
  );
  assert.deepEqual(classes, CLASSES);

  const judged = await call(
    `finetune --evaluate-only --checkpoint @tuned --data @data ${MACHINE} --json`,
  );
  assert.equal(judged.code, 0, judged.err);
  assert.equal(JSON.parse(judged.out).top1, top1);

  const exported = await call("export --checkpoint @tuned --out @tuned.onnx --threads 1");
  assert.equal(exported.code, 0, exported.err);
  assert.match(exported.out, /classifier of 3 classes/);
  const labels = await call(
    "embed --model @tuned.onnx --classify --split test --threads 1 --out @labels.jsonl @data",
  );
  assert.equal(labels.code, 0, labels.err);
  const lines = Deno.readTextFileSync(`${folder.path}/labels.jsonl`).trimEnd().split("\n");
  assert.equal(lines.length, 15);
  assert.ok(lines.every((line) => CLASSES.some((name) => line.includes(`"${name}"`))));
});

Deno.test("an exported classifier is as accurate in onnxruntime-node's JavaScript API", async () => {
  const each = (count: number) => ({ blue: count, dark: count, red: count });
  await drawDataset(`${folder.path}/same-size`, { splits: { train: each(4), test: each(7) } });
  const tuned = await call(
    `finetune --checkpoint @run --data @same-size --out @same --steps 2 --batch 8 ${MACHINE}`,
  );
  assert.equal(tuned.code, 0, tuned.err);
  const judged = await call(
    `finetune --evaluate-only --checkpoint @same --data @same-size ${MACHINE} --json`,
  );
  const exported = await call("export --checkpoint @same --out @same.onnx --threads 1");
  assert.equal(exported.code, 0, exported.err);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "tasks/check_classifier.ts", "--batch", "4"],
      ...argumentsOf("@same.onnx @same-size"),
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const { top1, images } = JSON.parse(judged.out);
  const found = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual([found.top1, found.images], [top1, images]);
  assert.equal(images, 21);
});

const FAILURES: Readonly<Record<string, readonly [string, number, RegExp]>> = {
  "an unknown checkpoint": [
    `--checkpoint @nothing --data @data --out @x ${MACHINE}`,
    3,
    /Cannot read weights from .+nothing: it does not exist/,
  ],
  "a checkpoint of another size": [
    `${SUBJECT} --out @x --model tiny`,
    2,
    /Cannot fine-tune .+run with --model tiny: the checkpoint is 16x2x2, 8 px in patches of 4/,
  ],
  "another patch": [`${SUBJECT} --out @x --patch 2`, 2, /with --patch 2: the checkpoint is 16x2x2/],
  "an image size that patches do not cut": [
    `${SUBJECT} --out @x --image-size 10`,
    2,
    /Cannot cut 10 pixels a side \(--image-size\) into the checkpoint's patches of 4/,
  ],
  "no labels": [
    `--checkpoint @run --data @unlabelled --out @x ${MACHINE}`,
    3,
    /Cannot fine-tune on .+unlabelled: its images have no labels/,
  ],
  "no dataset": [
    `--checkpoint @run --data @none --out @x ${MACHINE}`,
    3,
    /Cannot read .+none as a dataset/,
  ],
  "an unsupported precision": [
    `${SUBJECT} --out @x --precision float16`,
    2,
    /Cannot train with --precision float16 on the CPU/,
  ],
  "a run that exists": [
    `${SUBJECT} --out @tuned`,
    2,
    /Cannot start a run in .+tuned: it already holds one; go on with --resume/,
  ],
  "an evaluation of an encoder": [
    `--evaluate-only ${SUBJECT}`,
    3,
    /Cannot evaluate .+run: it has no head \(head\.weight, head\.bias\); fine-tune it first/,
  ],
  "an evaluation on more classes": [
    `--evaluate-only --checkpoint @tuned --data @four ${MACHINE}`,
    3,
    /Cannot evaluate .+tuned on .+four: its head tells 3 classes apart, the dataset has 4/,
  ],
  "an evaluation on other classes": [
    `--evaluate-only --checkpoint @tuned --data @renamed ${MACHINE}`,
    3,
    /class 1 is "dark" for its head and "green" in the dataset/,
  ],
  "an evaluation on no labels": [
    `--evaluate-only --checkpoint @tuned --data @unlabelled ${MACHINE}`,
    3,
    /Cannot evaluate on .+unlabelled: its images have no labels/,
  ],
  "nothing to be judged by": [
    `--evaluate-only --checkpoint @tuned --data @no-test ${MACHINE}`,
    3,
    /Cannot evaluate on .+no-test: it has no test and no val split to judge by/,
  ],
  "an evaluation that exists": [
    `--evaluate-only --checkpoint @tuned --data @data --out @tuned ${MACHINE}`,
    2,
    /Cannot write an evaluation to .+tuned: it exists; name another folder/,
  ],
};
for (const [what, [line, code, message]] of Object.entries(FAILURES)) {
  Deno.test(`ccmim finetune ends with ${code} for ${what}, in one line`, async () => {
    const { code: ended, out, err } = await call(`finetune ${line} --json`);
    assert.equal(ended, code, err);
    assert.match(err.trimEnd().split("\n").at(-1)!, message);
    assert.deepEqual(JSON.parse(out).error.code, code);
    assert.throws(() => Deno.statSync(`${folder.path}/x`), Deno.errors.NotFound, "nothing is left");
  });
}
