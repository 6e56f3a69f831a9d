/** Fine-tuning through the real library. */
import assert from "node:assert/strict";
import { latestCheckpoint, loadCheckpoint } from "../../lib/checkpoint/mod.ts";
import {
  evaluateClassifier,
  finetune,
  type FinetuneEpoch,
  type FinetuneObserver,
  type FinetuneOptions,
  type FinetuneRequest,
} from "../../lib/finetune/mod.ts";
import { drawDataset } from "../_drawn.ts";
import { ProbeFolder } from "../probe/_subject.ts";

const KINDS = ["red", "green", "blue", "grey", "dark", "light", "cyan"];

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
  const each = (count: number) => Object.fromEntries(KINDS.map((kind) => [kind, count]));
  const splits = { train: each(10), val: each(3), test: each(5) };
  await drawDataset(`${folder.path}/seven`, { size: 12, splits });
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

/** Everything that there is to draw and to switch on. */
const ALL = {
  recipe: "vit-b",
  batch: 8,
  accumulate: 2,
  lr: 4e-3,
  dropPath: 0.3,
  ema: 0.8,
  clipGrad: 1,
  imageSize: 12,
} as const satisfies FinetuneOptions;

const request = (
  name: string,
  options: FinetuneOptions,
  rest: Partial<FinetuneRequest> = {},
) => folder.finetuneRequest(name, options, { data: `${folder.path}/seven`, ...rest });

const read = (path: string) => JSON.parse(Deno.readTextFileSync(`${folder.path}/${path}`));
const model = (path: string) => loadCheckpoint(latestCheckpoint(path)!.path).model.tensors;

Deno.test("finetune() learns, judges each epoch by val, and the best model once by test", async () => {
  const epochs: FinetuneEpoch[] = [];
  const progress: string[] = [];
  let counts = {};
  const report = await finetune(
    request("plain", { epochs: 4, lr: 5e-3, batch: 10 }),
    {
      start: ({ trainCount, validationCount, testCount }) => {
        counts = { trainCount, validationCount, testCount };
      },
      epoch: (epoch) => epochs.push(epoch),
      progress: (what, done, total) => progress.push(`${what} ${done}/${total}`),
    },
  );
  assert.deepEqual(counts, { trainCount: 70, validationCount: 21, testCount: 35 });
  assert.equal(report.what, "fine-tuned, mean pool, 4 epochs, test top-1");
  assert.deepEqual([report.split, report.images], ["test", 35], "every image of the test split");
  const total = report.confusion.flat().reduce((sum, x) => sum + x, 0);
  assert.equal(total, 35, "and each once");
  assert.deepEqual(progress, ["Judging 10/35", "Judging 20/35", "Judging 30/35", "Judging 35/35"]);
  assert.ok(report.top1 > 0.5, `${report.top1}`);
  assert.ok(report.top5! >= report.top1);
  const best = Math.max(...epochs.map(({ valTop1 }) => valTop1));
  assert.equal(report.best.top1, best);
  assert.equal(report.best.epoch, epochs.findLastIndex(({ valTop1 }) => valTop1 === best) + 1);
  assert.equal(epochs.length, 4);
  assert.ok(epochs.at(-1)!.valLoss < epochs[0]!.valLoss);
  assert.deepEqual(read("plain/finetune.json"), report);
  const names = [...Deno.readDirSync(`${folder.path}/plain`)].map(({ name }) => name).sort();
  assert.deepEqual(names.filter((name) => !name.startsWith(".")), [
    "best",
    "checkpoints",
    "config.json",
    "confusion.csv",
    "confusion.png",
    "finetune.json",
    "metrics.jsonl",
  ]);
  const tensors = model(`${folder.path}/plain`);
  assert.deepEqual(tensors.get("head.weight")!.shape, [7, 16]);
  assert.ok(tensors.has("fc_norm.weight") && !tensors.has("norm.weight"));
  assert.notDeepEqual(
    tensors.get("pos_embed"),
    model(`${folder.path}/run`).get("pos_embed"),
    "positions are trained",
  );
});

Deno.test("finetune() resumes as if it had never stopped, with everything that is drawn", async () => {
  const options = { ...ALL, epochs: 4, checkpointEvery: { count: 3, unit: "steps" } } as const;
  const whole = await finetune(request("whole", options));
  const stop = new AbortController();
  const stopping: FinetuneObserver = { step: ({ step }) => step === 7 && stop.abort() };
  const parts = request("parts", options);
  await assert.rejects(finetune(parts, stopping, stop.signal), {
    name: "InterruptedError",
    message: /^Stopped after \d+ of 16 steps; go on with --resume/,
  });
  assert.throws(() => Deno.statSync(`${parts.out}/finetune.json`), Deno.errors.NotFound);
  const rest = { ...parts, resume: true, options: { device: "cpu", threads: 1 } as const };
  await assert.rejects(finetune({ ...rest, options: { ...rest.options, mixup: 0 } }), {
    name: "ConfigError",
    message: /^Cannot resume with mix .+: the run was started with /,
  });
  await assert.rejects(finetune({ ...rest, data: `${folder.path}/data` }), {
    name: "ConfigError",
    message: /the run was started on another dataset/,
  });
  const resumed = await finetune(rest);
  assert.deepEqual(resumed.confusion, whole.confusion);
  assert.deepEqual(resumed.best, whole.best);
  const bytes = (name: string, file: string) =>
    Deno.readFileSync(`${folder.path}/${name}/${file}.safetensors`);
  const best = `best/checkpoints/step-${String(whole.best.step).padStart(8, "0")}/model`;
  const last = "checkpoints/step-00000016";
  for (const file of [`${last}/model`, `${last}/state`, best]) {
    assert.deepEqual(bytes("parts", file), bytes("whole", file), file);
  }
  await assert.rejects(finetune(parts), {
    name: "ConfigError",
    message: /^Cannot start a run in .+parts: it already holds one; go on with --resume/,
  });
});

Deno.test("finetune() judges and keeps the moving average, and goes on with the parameters", async () => {
  const report = await finetune(request("ema", { ...ALL, epochs: 2 }));
  const [best, last] = [model(`${folder.path}/ema/best`), model(`${folder.path}/ema`)];
  const { state } = loadCheckpoint(latestCheckpoint(`${folder.path}/ema`)!.path);
  if (report.best.epoch === 2) {
    assert.deepEqual(best.get("head.weight")!.data, state.tensors.get("average.head.weight")!.data);
  }
  assert.notDeepEqual(best.get("head.weight")!.data, last.get("head.weight")!.data);
});

Deno.test("finetune() holds training images out where there is no val split, and never the test's", async () => {
  const data = `${folder.path}/data`;
  const options = { epochs: 1, batch: 8, holdOut: 0.25, seed: 3 };
  let validationCount = 0;
  const report = await finetune(request("held", options, { data }), {
    start: (event) => void ({ validationCount } = event),
  });
  assert.equal(validationCount, 9, "3 of 12 of each of 3 classes");
  assert.deepEqual(report.config.validation, { split: "train", share: 0.25 });
  assert.equal(report.config.trainCount, 27);
  assert.deepEqual([report.split, report.images], ["test", 15]);
});

Deno.test("finetune() trains from scratch, CLS as well, with the same bytes from the same seed", async () => {
  const options = {
    width: 16,
    depth: 1,
    heads: 2,
    patch: 4,
    pool: "cls",
    steps: 3,
    batch: 8,
  } as const;
  const rest = { checkpoint: "none" };
  const report = await finetune(request("scratch", options, rest));
  assert.equal(report.what.startsWith("trained from scratch, CLS, 3 steps, "), true, report.what);
  assert.equal(report.config.initial.sha256, null);
  await finetune(request("again", options, rest));
  const [a, b] = [model(`${folder.path}/scratch`), model(`${folder.path}/again`)];
  assert.deepEqual(a, b);
  assert.ok(a.has("norm.weight") && !a.has("fc_norm.weight"));
});

Deno.test("evaluateClassifier() finds what finetune() found, of the best model", async () => {
  const trained = read("plain/finetune.json");
  const run = {
    checkpoint: `${folder.path}/plain`,
    data: `${folder.path}/seven`,
    options: { device: "cpu", threads: 1, batch: 4 },
  } as const;
  const report = await evaluateClassifier(run);
  assert.equal(report.what, "classifier, mean pool, test top-1");
  assert.deepEqual(report.confusion, trained.confusion);
  const out = `${folder.path}/evaluation`;
  const val = await evaluateClassifier({ ...run, split: "val", out });
  assert.deepEqual([val.images, val.split], [21, "val"]);
  assert.equal(val.top1, trained.best.top1);
  assert.deepEqual(read("evaluation/evaluation.json"), val);
});
