import assert from "node:assert/strict";
import { finetuneCommand } from "../../cli/finetune.ts";
import { main } from "../../cli/run.ts";
import type {
  evaluateClassifier,
  EvaluateRequest,
  EvaluationReport,
  finetune,
  FinetuneReport,
  FinetuneRequest,
  FinetuneStart,
  tryFinetune,
} from "../../lib/finetune/mod.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const FIGURES = {
  top1: 0.7123,
  top1Interval: [0.7034, 0.7211],
  top5: 0.97,
  perClass: { cat: 0.5, dog: 0.9, none: null },
  images: 10000,
  seconds: 12.34,
};
const REPORT = {
  ...FIGURES,
  what: "fine-tuned, mean pool, 30 epochs, test top-1",
  best: { step: 280, epoch: 28, top1: 0.72 },
  bestCheckpoint: "dir/best/checkpoints/step-00000280",
  lastCheckpoint: "dir/checkpoints/step-00000300",
  config: { validation: { split: "val" }, schedule: { epochs: 30 } },
} as unknown as FinetuneReport;
const EVALUATION = {
  ...FIGURES,
  what: "classifier, mean pool, test top-1",
} as unknown as EvaluationReport;

const DRY_RUN = {
  dryRun: true,
  out: "dir",
  config: {
    model: { width: 96, depth: 6, heads: 3, imageSize: 32, patch: 4 },
    ...{ classes: ["a", "b"], batch: 128, accumulate: 2, checkpointEvery: 20, pool: "mean" },
    ...{ recipe: "small", precision: "float32", validation: { split: "val" } },
    initial: { checkpoint: "run", sha256: "ab" },
    schedule: { steps: 80, epochs: 30, lr: 0.001 },
  },
  device: "cpu, as asked",
  memory: { total: 2e6, available: 3e9 },
  ...{ parameters: 970_000, step: 30, trainCount: 400, validationCount: 50, testCount: 100 },
  ...{ steps: 80, stepsLeft: 50, tried: 3, secondsPerStep: 0.5, imagesPerSecond: 512 },
  ...{ checkpointBytes: 8e6, seconds: 25 },
} as unknown as Awaited<ReturnType<typeof tryFinetune>>;

/** Runs `ccmim finetune <line>` with functions in place of the real ones. */
async function call(line: string, train: typeof finetune = () => Promise.resolve(REPORT)) {
  const terminal = new FakeTerminal();
  const requests: (FinetuneRequest | EvaluateRequest)[] = [];
  const evaluate: typeof evaluateClassifier = (request) => {
    requests.push(request);
    return Promise.resolve(EVALUATION);
  };
  const command = finetuneCommand(
    (request, observer, signal) => {
      requests.push(request);
      return train(request, observer, signal);
    },
    evaluate,
    (request) => {
      requests.push(request);
      return Promise.resolve(DRY_RUN);
    },
  );
  const code = await main(["finetune", ...line.split(" ")], { commands: [command], terminal });
  const [request] = requests;
  const options = Object.entries(request?.options ?? {}).filter(([, value]) => value !== undefined);
  return {
    code,
    request: request && { ...request, options: Object.fromEntries(options) },
    out: terminal.stdout,
    err: terminal.stderr,
  };
}

Deno.test("ccmim finetune leaves out what is not said", async () => {
  const { code, request, err } = await call("--checkpoint run --data set --out dir");
  assert.equal(code, 0, err);
  assert.deepEqual(request, {
    checkpoint: "run",
    data: "set",
    out: "dir",
    resume: false,
    options: {},
  });
});

Deno.test("ccmim finetune reads every option", async () => {
  const { code, request, err } = await call(
    "--checkpoint none --partial --data set --out dir --resume --recipe vit-b --epochs 5 --steps 6 " +
      "--warmup 2epochs --batch 8 --accumulate 3 --base-lr 0.1 --lr 0.2 --layer-decay 0.7 " +
      "--weight-decay 0.3 --clip-grad 1 --ema 0.99 --seed 4 --hold-out 0.2 --crop-scale 0.3 " +
      "--rand-augment none --erasing 0.5 --mixup 0.1 --cutmix 0.2 --label-smoothing 0.3 " +
      "--drop-path 0.4 --pool cls --image-size 16 --model small --width 8 --depth 2 --heads 2 " +
      "--patch 4 --checkpoint-every 2epochs --keep 3 --on-divergence skip --threads 2 " +
      "--data-workers 3 --device cuda --precision bfloat16 --recompute blocks --no-strict-device",
  );
  assert.equal(code, 0, err);
  assert.deepEqual(request, {
    checkpoint: "none",
    data: "set",
    out: "dir",
    resume: true,
    strictDevice: false,
    dataWorkers: 3,
    onDivergence: "skip",
    checkpoints: { keep: 3 },
    options: {
      partial: true,
      recipe: "vit-b",
      epochs: 5,
      steps: 6,
      warmup: { count: 2, unit: "epochs" },
      batch: 8,
      accumulate: 3,
      baseLr: 0.1,
      lr: 0.2,
      layerDecay: 0.7,
      weightDecay: 0.3,
      clipGrad: 1,
      ema: 0.99,
      seed: 4,
      holdOut: 0.2,
      cropScale: 0.3,
      randAugment: "none",
      erasing: 0.5,
      mixup: 0.1,
      cutmix: 0.2,
      labelSmoothing: 0.3,
      dropPath: 0.4,
      pool: "cls",
      imageSize: 16,
      model: "small",
      width: 8,
      depth: 2,
      heads: 2,
      patch: 4,
      checkpointEvery: { count: 2, unit: "epochs" },
      threads: 2,
      device: "cuda",
      precision: "bfloat16",
      recompute: "blocks",
    },
  });
});

Deno.test("ccmim finetune says of every accuracy what it is", async () => {
  const { out } = await call("--checkpoint run --data set --out dir");
  assert.deepEqual(out.trimEnd().split("\n"), [
    "fine-tuned, mean pool, 30 epochs, test top-1: 71.23% (95% interval 70.34% to 72.11%, 10000 images)",
    "fine-tuned, mean pool, 30 epochs, test top-5: 97.00%",
    "Of single classes, least: cat 50.00%; most: dog 90.00%",
    "Best epoch: 28 of 30, with val top-1 72.00%",
    "Best model: dir/best/checkpoints/step-00000280",
    "Last checkpoint: dir/checkpoints/step-00000300",
    "Report: dir/finetune.json",
    "In 12.3 s",
  ]);
  const json = await call("--checkpoint run --data set --out dir --json");
  assert.deepEqual(JSON.parse(json.out), REPORT);
});

Deno.test("ccmim finetune --evaluate-only judges, and needs no folder", async () => {
  const { code, request, out, err } = await call(
    "--evaluate-only --checkpoint run --data set --split val --batch 4 --device cpu --data-workers 2",
  );
  assert.equal(code, 0, err);
  assert.deepEqual(request, {
    checkpoint: "run",
    data: "set",
    out: undefined,
    split: "val",
    dataWorkers: 2,
    options: { batch: 4, device: "cpu" },
  });
  assert.deepEqual(out.trimEnd().split("\n"), [
    "classifier, mean pool, test top-1: 71.23% (95% interval 70.34% to 72.11%, 10000 images)",
    "classifier, mean pool, test top-5: 97.00%",
    "Of single classes, least: cat 50.00%; most: dog 90.00%",
    "In 12.3 s",
  ]);
  const json = await call("--evaluate-only --checkpoint run --data set --out e --json");
  assert.deepEqual(JSON.parse(json.out), EVALUATION);
});

Deno.test("ccmim finetune wants a folder, and no training options where it does not train", async () => {
  for (
    const line of [
      "--checkpoint run --data set",
      "--evaluate-only --checkpoint run --data set --epochs 3",
    ]
  ) {
    const { code, request } = await call(line);
    assert.deepEqual([code, request], [2, undefined], line);
  }
});

Deno.test("ccmim finetune shows what is under way, and logs it where that is asked for", async () => {
  const out = await Deno.makeTempDir();
  const line = `--checkpoint run --data set --out ${out} --log tensorboard`;
  const { err } = await call(line, (_, observer) => {
    const start = {
      config: {
        recipe: "small",
        model: { width: 8, depth: 2, heads: 2, imageSize: 16, patch: 4 },
        schedule: { steps: 10, epochs: 2, lr: 1e-3 },
        initial: { checkpoint: "run", sha256: "00" },
        validation: { split: "train", share: 0.1 },
        pool: "mean",
        classes: ["cat", "dog"],
        batch: 8,
        accumulate: 2,
        precision: "float32",
      },
      device: "cpu, as asked",
      memory: { total: 1e6, available: 2e9 },
      parameters: 5000,
      step: 5,
      trainCount: 80,
      validationCount: 9,
      testCount: 20,
    } as unknown as FinetuneStart;
    observer?.start?.(start);
    observer?.epoch?.({ step: 10, epoch: 1, valTop1: 0.5, valTop5: null, valLoss: 0.7 });
    observer?.progress?.("Judging", 3, 6);
    observer?.warning?.("careful");
    return Promise.resolve(REPORT);
  });
  assert.match(err, /^ViT 8x2x2, 16 px in patches of 4, .+ from run; mean pool, 2 classes; /m);
  assert.match(err, /^80 training images, 9 \(held-out training images\) that choose the best/m);
  assert.match(err, /^Resumed after 5 steps$/m);
  assert.match(err, /^Epoch 2: held-out training images top-1 50\.00%, loss 0\.7/m);
  assert.match(err, /^Judging 3\/6 images/m);
  assert.match(err, /^warning: careful$/m);
  const events = [...Deno.readDirSync(`${out}/tensorboard`)];
  await Deno.remove(out, { recursive: true });
  assert.match(events.map(({ name }) => name).join(), /^events\.out\.tfevents[^,]*$/);
});

Deno.test("ccmim finetune --dry-run says what a run would be", async () => {
  const { code, request, out, err } = await call(
    "--checkpoint run --data set --out dir --dry-run --resume --batch auto",
  );
  assert.equal(code, 0, err);
  assert.deepEqual(request!.options, { batch: "auto" });
  assert.deepEqual(out.trimEnd().split("\n"), [
    "ViT 96x6x3, 32 px in patches of 4, 0.9700 M parameters; from run; mean pool, 2 classes; recipe small",
    "400 training images, 50 (val) that choose the best epoch, 100 of the test split; 80 steps " +
    "(30 epochs) of 128 x 2 images, lr 0.0010",
    "Device: cpu, as asked; float32; memory about 2 MB of 3 GB",
    "Checkpoints: every 20 steps, about 8 MB each",
    "Steps: 50 of 80 are left",
    "A step takes 0.5 s (512 images/s), as 3 tell",
    "Time: about 25.0 s, evaluations and checkpoints not counted",
    "Run: dir, not made",
  ]);
  const json = await call("--checkpoint run --data set --out dir --dry-run --json");
  assert.deepEqual(JSON.parse(json.out), DRY_RUN);
});

Deno.test("ccmim finetune --replay needs nothing else, and a folder that there is", async () => {
  const { code, err } = await call("--replay /none/divergence");
  assert.equal(code, 3);
  assert.match(err, /Cannot read \/none\/divergence\/report\.json as a divergence/);
});
