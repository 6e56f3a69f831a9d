/** `ccmim pretrain` as a process: what it prints, and how it ends. */
import assert from "node:assert/strict";
import { latestCheckpoint } from "../../lib/checkpoint/mod.ts";
import { TINY_FLAGS } from "../../tasks/tiny.ts";
import { writeDataset } from "../train/_dataset.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MICRO = `${TINY_FLAGS} --warmup 1`;

let folder = "";
Deno.test.beforeAll(() => {
  folder = Deno.makeTempDirSync();
  writeDataset(`${folder}/data`, { size: 8, train: 12, val: 4 });
});
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

/** Starts `ccmim pretrain` with `options`, for the run `name`. */
function start(
  name: string,
  options: string,
  { data = "data", env = {} }: { data?: string; env?: Record<string, string> } = {},
): Deno.ChildProcess {
  const files = `--data ${folder}/${data} --out ${folder}/${name}`;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "cli/main.ts", "pretrain", ...`${files} ${options}`.split(" ")],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** How a process ended. */
async function ended(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Waits until a run has written metrics of a step. */
async function firstStep(name: string): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    try {
      if (Deno.statSync(`${folder}/${name}/metrics.jsonl`).size > 0) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The run ${name} has made no step in 30 s`);
}

Deno.test("ccmim pretrain --json prints one object and nothing else on standard output", async () => {
  const { code, out, err } = await ended(start("json", `${MICRO} --steps 5 --json`));
  assert.equal(code, 0, err);
  assert.equal(out.split("\n").length, 2, "one line");
  const { checkpoint, steps, rec, valRec, meanLevel } = JSON.parse(out);
  assert.equal(checkpoint, `${folder}/json/checkpoints/step-00000005`);
  assert.equal(latestCheckpoint(`${folder}/json`)!.path, checkpoint);
  assert.equal(steps, 5);
  assert.ok(rec > 0 && valRec > 0 && meanLevel > 0);
  assert.match(err, /^ViT 16x1x2, 8 px in patches of 2/);
  assert.match(err, /^Device: .+; \d+ nodes on \w+ExecutionProvider$/m);
  assert.match(err, /Pretraining 5\/5 steps \(100%\)/);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`ccmim pretrain writes a checkpoint at ${signal} and ends with 75`, async () => {
    const name = signal.toLowerCase();
    const child = start(name, `${MICRO} --steps 1000000 --checkpoint-every 1000000 --json`);
    await firstStep(name);
    child.kill(signal);
    const { code, out, err } = await ended(child);
    assert.equal(code, 75, err);
    const { path, step } = latestCheckpoint(`${folder}/${name}`)!;
    const message =
      `Stopped after ${step} of 1000000 steps; go on with --resume (checkpoint: ${path})`;
    assert.deepEqual(JSON.parse(out), { error: { message, code: 75 } });
    assert.ok(err.endsWith(`ccmim pretrain: ${message}\n`), err);
  });
}

const FAILURES: Readonly<Record<string, readonly [string, number, RegExp]>> = {
  "a usage error": [`${MICRO} --steps 3 --mask-ratio 2`, 2, /Cannot use 2 as --mask-ratio/],
  "a flag that is not there": [`${MICRO} --stepps 3`, 2, /Unknown option --stepps/],
  "a missing dataset": [`${MICRO} --steps 3`, 3, /Cannot read .*missing-set as a dataset/],
  "a run that diverges": [`${MICRO} --steps 9 --lr 1e30`, 5, /Cannot go on after step 3: /],
};
for (const [what, [options, expected, message]] of Object.entries(FAILURES)) {
  Deno.test(`ccmim pretrain ends with ${expected} for ${what}, in one line`, async () => {
    const name = what.replaceAll(" ", "-");
    const data = expected === 3 ? "missing-set" : "data";
    const { code, out, err } = await ended(start(name, `${options} --json`, { data }));
    assert.equal(code, expected, err);
    assert.match(err, message);
    assert.match(err.trimEnd().split("\n").at(-1)!, /^ccmim pretrain: /);
    const { error } = JSON.parse(out);
    assert.equal(error.code, expected);
    assert.match(error.message, message);
  });
}

Deno.test("ccmim pretrain ends with 4 where ONNX Runtime does not load, and makes no run", async () => {
  const env = { CCMIM_ORT_LIBRARY: `${folder}/none.so` };
  const { code, err } = await ended(start("unloaded", `${MICRO} --steps 3 --device cpu`, { env }));
  assert.equal(code, 4, err);
  assert.match(
    err,
    /^ccmim pretrain: Cannot open ONNX Runtime at .*none\.so: there is no such file$/m,
  );
  assert.throws(() => Deno.statSync(`${folder}/unloaded`), Deno.errors.NotFound);
});

Deno.test("ccmim pretrain --device cuda exits with 4 where there is none, and makes no run", async () => {
  const env = { CUDA_VISIBLE_DEVICES: "" };
  const { code, err } = await ended(start("none", `${MICRO} --device cuda:9`, { env }));
  assert.equal(code, 4, err);
  assert.match(err, /^ccmim pretrain: Cannot run on cuda:9: .+; .+$/m);
  assert.throws(() => Deno.statSync(`${folder}/none`), Deno.errors.NotFound);
});

Deno.test("ccmim pretrain --replay prints every named tensor's range of a step that diverged", async () => {
  assert.equal((await ended(start("wild", `${MICRO} --steps 9 --lr 1e30`))).code, 5);
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "cli/main.ts", "pretrain", "--replay", `${folder}/wild/divergence`],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const out = new TextDecoder().decode(stdout);
  assert.equal(code, 0, out);
  const lines = out.split("\n");
  assert.equal(lines[0], "Step 3 on cpu");
  assert.match(lines[2]!, /^tensor +elements +least +greatest +mean +not finite$/);
  assert.ok(lines.some((line) => /^visible\/blocks\.0\/attn +\d+ +- +- +- +\d+$/.test(line)), out);
  assert.match(out, /^First not finite: score$/m);
});
