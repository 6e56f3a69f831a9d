import assert from "node:assert/strict";
import { pretrainCommand } from "../../cli/pretrain.ts";
import { main } from "../../cli/run.ts";
import { type PretrainOptions, resolvePretrain } from "../../lib/recipes/mod.ts";
import type { Pretrain, PretrainRequest, PretrainResult } from "../../lib/train/events.ts";
import { TINY_FLAGS } from "../../tasks/tiny.ts";
import { Runs } from "../train/_runs.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const RESULT: PretrainResult = {
  out: "run",
  checkpoint: "run/checkpoint-3",
  steps: 3,
  stepsNow: 3,
  rec: 0.5,
  align: 2.25,
  loss: 0.725,
  meanLevel: 0.979,
  valRec: null,
  seconds: 4,
  imagesPerSecond: 96,
};

/** Runs `ccmim pretrain <line>` with `pretrain` in place of the real one. */
async function call(line: string, pretrain: Pretrain = () => Promise.resolve(RESULT)) {
  const terminal = new FakeTerminal();
  const requests: PretrainRequest[] = [];
  const command = pretrainCommand((request, observer, signal) => {
    requests.push(request);
    return pretrain(request, observer, signal);
  });
  const code = await main(["pretrain", ...line.split(" ")], { commands: [command], terminal });
  return { code, request: requests[0], out: terminal.stdout, err: terminal.stderr };
}

/** Options that are set. */
function given(options: PretrainOptions): PretrainOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

Deno.test("ccmim pretrain leaves out what is not said", async () => {
  const { code, request } = await call("--data set --out run");
  assert.equal(code, 0);
  assert.deepEqual({ ...request!, options: given(request!.options) }, {
    data: "set",
    out: "run",
    resume: false,
    options: {},
  });
});

Deno.test("ccmim pretrain reads every option", async () => {
  const { code, request, err } = await call(
    "--data set --out run --resume --recipe cifar --method mae --model small --width 96 --depth 2 " +
      "--heads 3 --image-size 32 --patch 4 --decoder-width 64 --decoder-depth 1 --decoder-heads 2 " +
      "--sampling gumbel --score-temperature 0.5 --mask-ratio 0.6 --align-weight 0.2 " +
      "--align-temperature 0.1 --align-gradient both --no-norm-pix-loss --epochs 5 --steps 7 " +
      "--batch 16 --accumulate 2 --base-lr 1e-3 --lr 2e-4 --warmup 2epochs --weight-decay 0.1 " +
      "--clip-grad 1 --seed 0 --threads 2 --device cuda --precision bfloat16 " +
      "--checkpoint-every 100steps",
  );
  assert.equal(code, 0, err);
  assert.equal(request!.resume, true);
  assert.deepEqual(given(request!.options), {
    checkpointEvery: { count: 100, unit: "steps" },
    recipe: "cifar",
    method: "mae",
    model: "small",
    width: 96,
    depth: 2,
    heads: 3,
    imageSize: 32,
    patch: 4,
    decoderWidth: 64,
    decoderDepth: 1,
    decoderHeads: 2,
    sampling: "gumbel",
    scoreTemperature: 0.5,
    maskRatio: 0.6,
    alignWeight: 0.2,
    alignTemperature: 0.1,
    alignGradient: "both",
    normPixLoss: false,
    epochs: 5,
    steps: 7,
    batch: 16,
    accumulate: 2,
    baseLr: 1e-3,
    lr: 2e-4,
    warmup: { count: 2, unit: "epochs" },
    weightDecay: 0.1,
    clipGrad: 1,
    seed: 0,
    threads: 2,
    device: "cuda",
    precision: "bfloat16",
  });
});

Deno.test("ccmim pretrain takes every device by name", async () => {
  for (const device of ["auto", "cpu", "cuda", "cuda:3"]) {
    const { request } = await call(`--data set --out run --device ${device} --no-strict-device`);
    assert.equal(request!.options.device, device);
    assert.equal(request!.strictDevice, false);
  }
});

Deno.test("ccmim pretrain hands the number of data workers over beside the options", async () => {
  const { request } = await call("--data set --out run --data-workers 3");
  assert.equal(request!.dataWorkers, 3);
  assert.ok(!("dataWorkers" in request!.options));
  assert.equal((await call("--data set --out run --data-workers 0")).code, 2);
  assert.equal((await call("--data set --out run --knn-every 5")).request?.knnEvery, 5);
});

Deno.test("ccmim pretrain refuses what it cannot read, with code 2", async () => {
  const cases: Record<string, RegExp> = {
    "--data set": /Missing option --out/,
    "--data set --out run --model smal": /--model: Expected one of tiny, small, .*got smal/,
    "--data set --out run --warmup 4h": /--warmup: Cannot read "4h" as a duration/,
    "--data set --out run --device gpu": /--device: Cannot use "gpu" as a device: give auto, cpu, /,
    "--data set --out run --precision half": /--precision: Expected one of float32, tf32, bfloat16/,
    "--data set --out run --bacth 4": /Unknown option --bacth: did you mean --batch\?/,
    "--data set --out run --norm-pix-loss --no-norm-pix-loss": /cannot be used together/,
  };
  for (const [line, expected] of Object.entries(cases)) {
    const { code, request, err } = await call(line);
    assert.equal(code, 2, line);
    assert.match(err, expected);
    assert.equal(request, undefined);
  }
});

Deno.test("ccmim pretrain tells of the run on standard error and the result on standard output", async () => {
  const config = resolvePretrain({ recipe: "cifar", steps: 3, threads: 1 }, {
    imageSize: 32,
    trainCount: 500,
  });
  const pretrain: Pretrain = (_, observer) => {
    observer?.start?.({
      config,
      device: "cpu, as asked",
      memory: { state: 1e8, inputs: 2e6, activations: 1.4e9, total: 1.502e9, available: 8e9 },
      nodes: { CPUExecutionProvider: 12, CUDAExecutionProvider: 2310 },
      parameters: 5_700_000,
      trainCount: 500,
      valCount: 20,
      step: 1,
      meanLevel: 0.979,
    });
    observer?.step?.({
      step: 3,
      epoch: 0,
      rec: 0.5,
      align: 2.25,
      loss: 0.725,
      gradNorm: 1,
      lr: 1e-4,
      imagesPerSecond: 96,
      dataWait: 0,
      memory: 1e9,
    });
    observer?.epoch?.({ step: 3, epoch: 0, valRec: 0.6 });
    observer?.warning?.("slow");
    return Promise.resolve(RESULT);
  };
  const { code, out, err } = await call("--data set --out run", pretrain);
  assert.equal(code, 0);
  assert.equal(
    out,
    [
      "Pretrained 3 steps, in 4.0 s (96 images/s)",
      "Reconstruction loss 0.5000 (predicting the mean: 0.9790), alignment loss 2.25",
      "Checkpoint: run/checkpoint-3",
      "Metrics: run/metrics.jsonl",
      "",
    ].join("\n"),
  );
  const lines = err.trimEnd().split("\n");
  assert.match(lines[0]!, /^ViT 192x12x3, 32 px in patches of 4, 5\.70 M .* ccmim: importance/);
  assert.match(lines[1]!, /^500 training images, 20 held out; 3 steps \(1 epochs\) of 128 x 1/);
  assert.equal(
    lines[2],
    "Device: cpu, as asked; float32; 2310 nodes on CUDAExecutionProvider, 12 on CPUExecutionProvider",
  );
  assert.equal(
    lines[3],
    "Memory: about 1.5 GB of 8 GB (state 100 MB, activations 1.4 GB, inputs 2 MB)",
  );
  assert.equal(lines[4], "Resumed after 1 steps");
  assert.match(err, /^Epoch 1: held-out reconstruction loss 0\.6000$/m);
  assert.match(err, /^warning: slow$/m);
  assert.match(lines.at(-1)!, /^Pretraining 3\/3 steps \(100%\)/);

  assert.deepEqual(JSON.parse((await call("--data set --out run --json", pretrain)).out), RESULT);
});

Deno.test("ccmim pretrain says that it was interrupted after the progress has ended", async () => {
  const pretrain: Pretrain = (_, observer) => {
    const config = resolvePretrain({ steps: 9 }, { imageSize: 32, trainCount: 500 });
    observer?.start?.({
      config,
      device: "cpu, as asked",
      memory: { state: 1, inputs: 1, activations: 1, total: 3, available: 9 },
      nodes: {},
      parameters: 1,
      trainCount: 500,
      valCount: 0,
      step: 0,
      meanLevel: 1,
    });
    return Promise.reject(Object.assign(new Error("Interrupted"), { name: "InterruptedError" }));
  };
  const { code, err } = await call("--data set --out run", pretrain);
  assert.equal(code, 75);
  assert.equal(err.trimEnd().split("\n").at(-1), "ccmim pretrain: Interrupted");
});

Deno.test("ccmim pretrain --dry-run says what the run would be, with a result as JSON, and makes none", async () => {
  using runs = new Runs();
  const terminal = new FakeTerminal();
  const commands = [pretrainCommand(() => Promise.reject(new Error("not to be called")))];
  const flags = `${TINY_FLAGS} --steps 7 --warmup 2 --device cpu`;
  const args = ["pretrain", "--data", `${runs.folder}/data`, "--out", `${runs.folder}/run`];
  const line = [...args, ...flags.split(" "), "--dry-run"];
  assert.equal(await main(line, { commands, terminal }), 0, terminal.stderr);
  assert.match(terminal.stdout, /^ViT 16x1x2, 8 px in patches of 2, .* M parameters in all/);
  for (
    const said of [
      /^12 training images, 5 held out; 7 steps \(2\.33 epochs\) of 4 x 1 images, lr /m,
      /^Device: cpu, as asked; float32; \d+ nodes on CPUExecutionProvider$/m,
      /^Memory: about .* of .* \(state .*, activations .*, inputs .*\)$/m,
      /^Checkpoints: every 3 steps, about .* each$/m,
      /^Steps: 7$/m,
      /^A step takes .* s \(.* images\/s\), as 3 tell$/m,
      /^Time: about .* s, evaluations and checkpoints not counted$/m,
      /^Run: .*\/run, not made$/m,
    ]
  ) assert.match(terminal.stdout, said);
  const json = new FakeTerminal();
  assert.equal(await main([...line, "--json"], { commands, terminal: json }), 0, json.stderr);
  const { dryRun, config, steps } = JSON.parse(json.stdout);
  assert.deepEqual([dryRun, config.batch, config.schedule.warmupSteps, steps], [true, 4, 2, 7]);
  assert.deepEqual([...Deno.readDirSync(runs.folder)].map(({ name }) => name).sort(), [
    "data",
    "unheld",
  ]);
});

Deno.test("ccmim pretrain hands minutes and what is kept over beside the options", async () => {
  const parsed = async (line: string) => {
    const { request, err } = await call(`--data set --out run ${line}`);
    assert.ok(request !== undefined, err);
    return [request.checkpoints, given(request.options)];
  };
  assert.deepEqual(await parsed("--checkpoint-every 30min"), [{ minutes: 30 }, {}]);
  assert.deepEqual(await parsed("--checkpoint-every 1.5minutes --keep 3"), [
    { minutes: 1.5, keep: 3 },
    {},
  ]);
  assert.deepEqual(await parsed("--checkpoint-every 2epochs --keep-every 10epochs"), [
    { keepEvery: { count: 10, unit: "epochs" } },
    { checkpointEvery: { count: 2, unit: "epochs" } },
  ]);
  const { code, err } = await call("--data set --out run --checkpoint-every 0min");
  assert.equal(code, 2);
  assert.match(err, /Cannot write a checkpoint every 0 minutes: it must be above 0/);
});

Deno.test("ccmim pretrain reads what is done on divergence, and replays what it left", async () => {
  const { request } = await call("--data set --out run --on-divergence rollback");
  assert.equal(request!.onDivergence, "rollback");
  const none = await call("--replay none");
  assert.equal(none.code, 3);
  assert.match(none.err, /Cannot read none\/report\.json as a divergence/);
  const unknown = await call("--data set --out run --on-divergence pray");
  assert.equal(unknown.code, 2);
});
