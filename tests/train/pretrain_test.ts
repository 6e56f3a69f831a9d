import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pretrainingBuffers, pretrainingParameters } from "../../lib/ccmim/mod.ts";
import { latestCheckpoint, loadCheckpoint } from "../../lib/checkpoint/mod.ts";
import { type PretrainOptions, resolvePretrain } from "../../lib/recipes/mod.ts";
import type { EpochMetrics, PretrainObserver, StepMetrics } from "../../lib/train/events.ts";
import { pretrain } from "../../lib/train/mod.ts";
import { writeDataset } from "./_dataset.ts";
import { OPTIONS, SIZES } from "./_runs.ts";
import {
  assertSameRun,
  checkpoints,
  here,
  metrics,
  pathOf,
  request,
  wholeRun,
} from "./_shared_runs.ts";

Deno.test("pretrain() leaves a run that says everything", async () => {
  const result = await wholeRun();
  const run = pathOf("whole");
  const names = [...Deno.readDirSync(run)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["checkpoints", "config.json", "metrics.jsonl"]);

  const { config, dataset } = JSON.parse(Deno.readTextFileSync(`${run}/config.json`));
  assert.deepEqual(
    config,
    resolvePretrain(OPTIONS, { imageSize: SIZES.size, trainCount: SIZES.train }),
  );
  assert.equal(dataset.path, pathOf("data"));

  const lines = Deno.readTextFileSync(`${run}/metrics.jsonl`).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const epochs = lines.filter((line) => "val_rec" in line);
  const steps = lines.filter((line) => !("val_rec" in line));
  assert.deepEqual(epochs.map(({ step, epoch }) => [step, epoch]), [[3, 0], [6, 1], [7, 2]]);
  for (const { val_rec } of epochs) assert.ok(val_rec > 0);
  assert.deepEqual(steps.map(({ step, epoch }) => [step, epoch]), [
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 1],
    [5, 1],
    [6, 1],
    [7, 2],
  ]);
  for (const line of steps) {
    const { rec, align, loss, grad_norm, lr, images_per_second, data_wait, memory } = line;
    assert.ok(Math.abs(loss - rec - 0.1 * align) < 1e-6);
    assert.ok(grad_norm > 0 && lr >= 0 && images_per_second > 0 && memory > 1e6);
    assert.ok(data_wait >= 0 && data_wait <= 1);
    assert.equal(Object.keys(line).length, 10);
  }
  assert.deepEqual(steps.slice(0, 3).map(({ lr }) => lr), [0, 5e-3, 1e-2]);

  assert.deepEqual(checkpoints("whole"), [4, 7]);
  const { model, state, position } = loadCheckpoint(result.checkpoint);
  const parameters = pretrainingParameters(config).map(({ name }) => name);
  const fixed = ["pos_embed", "decoder_pos_embed"];
  assert.deepEqual(
    [...model.tensors.keys()].sort(),
    [...parameters, ...pretrainingBuffers(config).map(({ name }) => name), ...fixed].sort(),
  );
  assert.deepEqual(model.tensors.get("pos_embed")!.shape, [1, 17, 16]);
  assert.deepEqual(model.metadata, { format: "pt" });
  assert.deepEqual(
    [...state.tensors.keys()].sort(),
    ["steps", ...parameters.flatMap((name) => [`first.${name}`, `second.${name}`])].sort(),
  );
  assert.deepEqual(position, { step: 7, microBatch: 7, seed: 1 });

  const last = steps.at(-1)!;
  const { seconds, imagesPerSecond, meanLevel, ...rest } = result;
  assert.deepEqual(rest, {
    out: run,
    checkpoint: `${run}/checkpoints/step-00000007`,
    steps: 7,
    stepsNow: 7,
    rec: last.rec,
    align: last.align,
    loss: last.loss,
    valRec: epochs.at(-1)!.val_rec,
  });
  assert.ok(seconds > 0 && Math.abs(imagesPerSecond * seconds - 28) < 1e-6);
  assert.ok(Math.abs(meanLevel - 11 / 12) < 1e-2, `mean level ${meanLevel}`);
});

Deno.test("pretrain() tells what happens in its order, and its caller's thread is free", async () => {
  const told: string[] = [];
  const steps: StepMetrics[] = [];
  let ticks = 0;
  let atFirstStep = 0;
  const timer = setInterval(() => ticks++, 1);
  try {
    await pretrain(request("told", { ...OPTIONS, steps: 60, method: "mae" }), {
      start: ({ step, parameters, trainCount, valCount, config }) =>
        told.push(`start ${[step, parameters > 1000, trainCount, valCount, config.method]}`),
      step: (event) => {
        if (steps.push(event) === 1) atFirstStep = ticks;
        told.push(`step ${event.step}`);
      },
      epoch: ({ step, epoch, valRec }: EpochMetrics) =>
        told.push(`epoch ${[step, epoch, valRec! > 0]}`),
      checkpoint: (path, step) => told.push(`checkpoint ${step} ${path.split("/").at(-1)}`),
      warning: (text) => told.push(`warning ${text}`),
    });
  } finally {
    clearInterval(timer);
  }
  assert.deepEqual(told.slice(0, 7), [
    "start 0,true,12,5,mae",
    "step 1",
    "step 2",
    "step 3",
    "epoch 3,0,true",
    "step 4",
    "checkpoint 4 step-00000004",
  ]);
  assert.deepEqual(told.slice(-3), ["step 60", "epoch 60,19,true", "checkpoint 60 step-00000060"]);
  assert.ok(steps.every(({ align, loss, rec }) => align === null && loss === rec));
  assert.ok(ticks - atFirstStep >= 5, `${ticks - atFirstStep} ticks`);
});

Deno.test("pretrain() writes the same bytes for the same seed, others for another", async () => {
  await wholeRun();
  await here("again");
  assertSameRun("again", "whole");
  await here("other", { ...OPTIONS, seed: 2 });
  const models = ["again", "other"].map((name) =>
    Deno.readFileSync(`${latestCheckpoint(pathOf(name))!.path}/model.safetensors`)
  );
  assert.notEqual(Buffer.compare(models[0]!, models[1]!), 0);
  assert.notDeepEqual(metrics("other"), metrics("again"));
});

Deno.test("pretrain() refuses a folder that holds a run, and another dataset", async () => {
  await wholeRun();
  await assert.rejects(pretrain(request("whole")), {
    name: "ConfigError",
    message: /^Cannot start a run in .*whole: it already holds one; go on with --resume/,
  });
  const other = request("whole", OPTIONS, { data: "unheld" });
  await assert.rejects(pretrain({ ...other, resume: true }), {
    name: "ConfigError",
    message: /the run was started on another dataset/,
  });
  await assert.rejects(pretrain(request("none", OPTIONS, { data: "none" })), {
    name: "DataError",
    message: /^Cannot read .*none as a dataset/,
  });
  assert.throws(() => Deno.statSync(pathOf("none")), Deno.errors.NotFound);
});

Deno.test("pretrain() says so when a loss is not finite, and keeps nothing of that step", async () => {
  const options: PretrainOptions = { ...OPTIONS, lr: 1e30, warmup: { count: 1 } };
  const name = "diverged";
  await assert.rejects(pretrain(request(name, options)), {
    name: "DivergedError",
    message:
      /^Cannot go on after step 3: the loss is NaN and the gradient's norm NaN; the first tensor that is not finite is "score"; .*; start a new/,
  });
  assert.deepEqual(metrics(name).map(({ step }) => step), [1, 2]);
  assert.equal(latestCheckpoint(pathOf(name)), null);
});

Deno.test("pretrain() rejects with a DataError for a dataset that is damaged while it trains", async () => {
  writeDataset(pathOf("cut"), SIZES);
  let first = true;
  const observer: PretrainObserver = {
    step() {
      if (first) {
        for (const i of [0, 1]) {
          Deno.truncateSync(`${pathOf("cut")}/train-${i}.bin`, 64);
        }
      }
      first = false;
    },
  };
  const run = pretrain(request("cut-run", { ...OPTIONS, steps: 5000 }, { data: "cut" }), observer);
  await assert.rejects(run, {
    name: "DataError",
    message: /^Cannot read sample \d+: train-\d\.bin ends too early$/,
  });
});

Deno.test("a run learns: its loss falls below the mean level in 60 steps", async () => {
  const options: PretrainOptions = { ...OPTIONS, steps: 60, warmup: { count: 5 } };
  const { step, start: { meanLevel } } = await here("learns", options, { data: "unheld" });
  assert.ok(step!.rec! < meanLevel!, `${step!.rec}, predicting the mean ${meanLevel}`);
  const epochs = metrics("learns").filter((line) => "val_rec" in line);
  assert.ok(epochs.length === 20 && epochs.every(({ val_rec }) => val_rec === null));
});

Deno.test("a run warns of a held-out split that is smaller than a batch", async () => {
  const warnings: string[] = [];
  const options: PretrainOptions = { ...OPTIONS, steps: 3, batch: 6, sampling: "topk" };
  const outcome = await here("few", options, {
    observer: { warning: (text) => void warnings.push(text) },
  });
  assert.equal(outcome.epoch!.valRec, null);
  assert.deepEqual(warnings, [
    "The val split has 5 images, less than a micro-batch of 6: no held-out loss",
  ]);
});
