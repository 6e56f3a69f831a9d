import assert from "node:assert/strict";
import { probeCommand } from "../../cli/probe.ts";
import { main } from "../../cli/run.ts";
import type { probe, ProbeReport, ProbeRequest, tryProbe } from "../../lib/probe/mod.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const REPORT = {
  protocol: "linear probe, CLS, 90 epochs",
  what: "linear probe, CLS, 90 epochs, test top-1",
  top1: 0.7123,
  top1Deviation: null,
  top1Interval: [0.7034, 0.7211],
  top5: 0.97,
  top5Deviation: null,
  perClass: { cat: 0.5, dog: 0.9, none: null },
  images: 10000,
  seeds: [{ seed: 0, trainCount: 5, chosen: null, top1: 0.7123, top1Interval: [0, 1], top5: 0.97 }],
  config: { split: "test" },
  seconds: 12.34,
} as unknown as ProbeReport;

const DRY_RUN = {
  dryRun: true,
  out: "dir",
  config: {
    model: { width: 96, depth: 6, heads: 3, imageSize: 32, patch: 4 },
    ...{ split: "test", classes: 10, batch: 128, accumulate: 2, checkpointEvery: 20 },
    ...{ precision: "float32", schedule: { steps: 80 } },
  },
  device: "cpu, as asked",
  memory: { total: 2e6, available: 3e9 },
  ...{ parameters: 970, step: 0, trainCount: 400, judgeCount: 100, steps: 80, stepsLeft: 80 },
  ...{ checkpointBytes: 8e3, tried: 3, secondsPerStep: 0.5, imagesPerSecond: 512, seconds: 40 },
} as unknown as Awaited<ReturnType<typeof tryProbe>>;

/** Runs `ccmim probe <line>` with `run` in place of the real one. */
async function call(line: string, run: typeof probe = () => Promise.resolve(REPORT)) {
  const terminal = new FakeTerminal();
  const requests: ProbeRequest[] = [];
  const command = probeCommand((request, observer, signal) => {
    requests.push(request);
    return run(request, observer, signal);
  }, (request) => {
    requests.push(request);
    return Promise.resolve(DRY_RUN);
  });
  const code = await main(["probe", ...line.split(" ")], { commands: [command], terminal });
  return { code, request: requests[0], out: terminal.stdout, err: terminal.stderr };
}

const given = (options: object) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

Deno.test("ccmim probe leaves out what is not said", async () => {
  const { code, request, err } = await call("--checkpoint run --data set --out dir");
  assert.equal(code, 0, err);
  assert.deepEqual({ ...request!, options: given(request!.options) }, {
    checkpoint: "run",
    data: "set",
    out: "dir",
    force: false,
    resume: false,
    options: {},
  });
});

Deno.test("ccmim probe reads every option", async () => {
  const { code, request, err } = await call(
    "--checkpoint random --partial --data set --out dir --force --resume --kind partial --pool mean " +
      "--layers all --split val --labels-per-class 10 --seeds 3,4 --k 5 --temperature 0.1 --cache " +
      "--base-lrs 0.1,1 --hold-out 0.2 --blocks 2 --epochs 5 --steps 6 --warmup 2epochs --batch 8 " +
      "--accumulate 3 --optimiser adamw --base-lr 0.1 --lr 0.2 --weight-decay 0.3 " +
      "--checkpoint-every 2epochs --on-divergence skip --model small --width 8 --depth 2 --heads 2 --image-size 16 " +
      "--patch 4 --threads 2 --data-workers 3 --device cuda --precision bfloat16 --no-strict-device",
  );
  assert.equal(code, 0, err);
  assert.deepEqual({ ...request!, options: given(request!.options) }, {
    checkpoint: "random",
    data: "set",
    out: "dir",
    force: true,
    resume: true,
    strictDevice: false,
    dataWorkers: 3,
    onDivergence: "skip",
    options: {
      partial: true,
      kind: "partial",
      pool: "mean",
      layers: "all",
      split: "val",
      labelsPerClass: 10,
      seeds: [3, 4],
      k: 5,
      temperature: 0.1,
      cache: true,
      baseLrs: [0.1, 1],
      holdOut: 0.2,
      blocks: 2,
      epochs: 5,
      steps: 6,
      warmup: { count: 2, unit: "epochs" },
      batch: 8,
      accumulate: 3,
      optimiser: "adamw",
      baseLr: 0.1,
      lr: 0.2,
      weightDecay: 0.3,
      checkpointEvery: { count: 2, unit: "epochs" },
      model: "small",
      width: 8,
      depth: 2,
      heads: 2,
      imageSize: 16,
      patch: 4,
      threads: 2,
      device: "cuda",
      precision: "bfloat16",
    },
  });
});

Deno.test("ccmim probe says of every accuracy what it is", async () => {
  const { out } = await call("--checkpoint run --data set --out dir");
  assert.deepEqual(out.trimEnd().split("\n"), [
    "linear probe, CLS, 90 epochs, test top-1: 71.23% (95% interval 70.34% to 72.11%, 10000 images)",
    "linear probe, CLS, 90 epochs, test top-5: 97.00%",
    "Of single classes, least: cat 50.00%; most: dog 90.00%",
    "Report: dir/probe.json, in 12.3 s",
  ]);
  const chosen = { lr: 0.4, heldOut: [{ lr: 0.4, top1: 0.7 }], diverged: [] };
  const several = {
    ...REPORT,
    top1Deviation: 0.0021,
    top5: null,
    seeds: [{ ...REPORT.seeds[0]!, chosen }, { ...REPORT.seeds[0]!, seed: 1, chosen }],
  };
  const more = await call("--checkpoint run --data set --out dir", () => Promise.resolve(several));
  assert.deepEqual(more.out.split("\n").slice(0, 3), [
    "linear probe, CLS, 90 epochs, test top-1: 71.23% +- 0.21% (95% interval 70.34% to 72.11%, " +
    "10000 images, mean and deviation of 2 seeds)",
    "Of single classes, least: cat 50.00%; most: dog 90.00%",
    "Seed 0: learning rate 0.4000, the best of 1: linear probe, CLS, 90 epochs, " +
    "top-1 of held-out training images 70.00%",
  ]);
  const json = await call("--checkpoint run --data set --out dir --json");
  assert.deepEqual(JSON.parse(json.out), REPORT);
});

Deno.test("ccmim probe shows what is under way", async () => {
  const { err } = await call("--checkpoint run --data set --out dir", (_, observer) => {
    observer?.warning?.("careful");
    observer?.progress?.("Features", 3, 6);
    observer?.progress?.("Neighbours", 2, 2);
    return Promise.resolve(REPORT);
  });
  assert.match(err, /^warning: careful$/m);
  assert.match(err, /^Features 3\/6 images/m);
  assert.match(err, /^Neighbours 2\/2 images/m);
});

Deno.test("ccmim probe explains a list that is none", async () => {
  const { code, err } = await call("--checkpoint run --data set --out dir --seeds 1;2");
  assert.equal(code, 2);
  assert.match(err, /Cannot read "1;2" as numbers/);
});

Deno.test("ccmim probe --dry-run says what a run would be", async () => {
  const { code, request, out, err } = await call(
    "--checkpoint run --data set --out dir --dry-run --batch auto --seeds 1,2",
  );
  assert.equal(code, 0, err);
  assert.equal(request!.options.batch, "auto");
  assert.deepEqual(out.trimEnd().split("\n"), [
    "ViT 96x6x3, 32 px in patches of 4; 970 parameters are trained",
    "10 classes; learning from 400 images, judged by 100 (test); 80 steps of 128 x 2 images",
    "Device: cpu, as asked; float32; memory about 2 MB of 3 GB",
    "Of the first of 2 seeds:",
    "Checkpoints: every 20 steps, about 8 kB each",
    "Steps: 80",
    "A step takes 0.5 s (512 images/s), as 3 tell",
    "Time: about 40.0 s, evaluations and checkpoints not counted",
    "Run: dir, not made",
  ]);
});

Deno.test("ccmim probe refuses one seed beside several", async () => {
  const { code, err } = await call("--checkpoint run --data set --out dir --seed 1 --seeds 1,2");
  assert.equal(code, 2);
  assert.match(err, /Cannot take both --seed and --seeds: give one of them/);
});
