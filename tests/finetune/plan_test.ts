/** What fine-tuning foresees, tries and looks at again. */
import assert from "node:assert/strict";
import {
  finetune,
  FINETUNE_RUNS,
  type FinetuneOptions,
  tryFinetune,
} from "../../lib/finetune/mod.ts";
import { type BatchTrial, replay } from "../../lib/train/mod.ts";
import { CLASSES, COUNTS, ProbeFolder } from "../probe/_subject.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

/** Images that are learnt from: a tenth of each class is held out. */
const TRAIN = CLASSES.length * (COUNTS.train - 1);

const request: ProbeFolder["finetuneRequest"] = (...args) => folder.finetuneRequest(...args);

const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
const read = (path: string) => JSON.parse(Deno.readTextFileSync(`${folder.path}/${path}`));

Deno.test("tryFinetune() resolves everything, tries some steps and writes nothing", async () => {
  const before = names(folder.path);
  const options = { recipe: "vit-b", batch: 8, accumulate: 1, epochs: 5, ema: 0.9 } as const;
  const plan = await tryFinetune(request("deep/dry", options));
  assert.deepEqual(names(folder.path), before);
  assert.deepEqual([plan.dryRun, plan.tried, plan.steps, plan.stepsLeft], [true, 3, 20, 20]);
  assert.deepEqual([plan.trainCount, plan.testCount], [TRAIN, CLASSES.length * COUNTS.test]);
  assert.equal(plan.config.batch, 8);
  assert.ok(plan.parameters > 1000 && plan.memory.total > 0 && plan.secondsPerStep > 0);
  assert.equal(plan.seconds, 20 * plan.secondsPerStep);

  const { lastCheckpoint } = await finetune(request("wet", { ...options, epochs: 1 }));
  const sizeOf = (name: string) => Deno.statSync(`${lastCheckpoint!}/${name}`).size;
  const bytes = names(lastCheckpoint!).reduce((sum, name) => sum + sizeOf(name), 0);
  const share = plan.checkpointBytes / bytes;
  assert.ok(share > 0.8 && share <= 1, `${plan.checkpointBytes} of ${bytes}`);
});

Deno.test("tryFinetune() refuses what finetune() refuses", async () => {
  const refused = (options: FinetuneOptions) => tryFinetune(request("refused", options));
  await assert.rejects(refused({ batch: 1000 }), { name: "ConfigError" });
  await assert.rejects(refused({ patch: 2 }), { name: "ConfigError" });
  await assert.rejects(tryFinetune(request("run", {})), { name: "ConfigError" });
  assert.ok(!names(folder.path).includes("refused"));
});

Deno.test("finetune() finds a batch, keeps it, and goes on with it", async () => {
  const options = { recipe: "vit-b", batch: "auto", accumulate: 4, epochs: 1 } as const;
  const trials: BatchTrial[] = [];
  await finetune(request("auto", options), { trial: (trial) => void trials.push(trial) });
  assert.deepEqual(trials.map(({ batch }) => batch), [8]);
  assert.ok(trials[0]!.imagesPerSecond! > 0 && trials[0]!.bytes > 0);
  const { config } = read("auto/config.json");
  assert.deepEqual([config.batch, config.given.batch], [8, 8]);
  await finetune(request("auto", { batch: "auto" }, { resume: true }), {
    trial: () => assert.fail("searched again"),
  });
});

Deno.test("replay() computes a step of fine-tuning again", async () => {
  const wild = {
    recipe: "vit-b",
    batch: 8,
    accumulate: 1,
    steps: 20,
    warmup: { count: 1 },
  } as const;
  await assert.rejects(finetune(request("wild", { ...wild, lr: 1e30 })), { name: "DivergedError" });
  const { step, batches } = replay(FINETUNE_RUNS, { folder: `${folder.path}/wild/divergence` });
  const report = read("wild/divergence/report.json");
  assert.equal(step, report.step);
  assert.deepEqual(batches.map(({ ranges }) => ranges), [report.microBatches[0].ranges]);
  assert.equal(batches[0]!.firstNotFinite, report.firstNotFinite);
  const found = batches[0]!.ranges.map(({ name }) => name);
  for (const name of ["images", "labels", "mix", "draws", "loss", "grad head.weight"]) {
    assert.ok(found.includes(name), name);
  }
});
