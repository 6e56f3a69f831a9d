import assert from "node:assert/strict";
import { randomEncoder } from "../../lib/features/mod.ts";
import type { FinetuneOptions } from "../../lib/finetune/mod.ts";
import { planOf } from "../../lib/finetune/plan.ts";
import { resolveFinetune } from "../../lib/finetune/resolve.ts";
import { showProtocol } from "../../lib/finetune/report.ts";
import { resumeFinetune } from "../../lib/finetune/saved_config.ts";
import type { FinetuneSubject } from "../../lib/finetune/subject.ts";
import { MODEL } from "../probe/_subject.ts";

const scratch = randomEncoder(MODEL, 0);
const taught = {
  ...scratch,
  origin: { ...scratch.origin, file: "a", sha256: "00", checkpoint: "a" },
};
const facts = {
  encoder: taught,
  storedSize: 256,
  trainCount: 10_000,
  classes: ["a", "b"],
  hasVal: true,
  hasTest: true,
};
const resolve = (options: FinetuneOptions, changed = {}) =>
  resolveFinetune({ threads: 1, recipe: "vit-b", ...options }, { ...facts, ...changed });

Deno.test("resolveFinetune() takes the recipe for what the model sees, whatever is stored", () => {
  const nameFor = (imageSize: number) => resolve({ recipe: undefined, imageSize }).recipe;
  assert.deepEqual([8, 64, 68, 224].map(nameFor), ["small", "small", "vit-b", "vit-b"]);
});

Deno.test("resolveFinetune() takes MAE's recipe for ViT-B", () => {
  const config = resolve({});
  assert.equal(config.recipe, "vit-b");
  assert.deepEqual(config.crop, { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] });
  assert.deepEqual(config.augment?.randAugment, {
    magnitude: 9,
    deviation: 0.5,
    layers: 2,
    probability: 0.5,
  });
  assert.deepEqual([config.augment?.erasing, config.augment?.imageSize], [0.25, 8]);
  assert.deepEqual(config.mix, { mixup: 0.8, cutmix: 1, imageSize: 8 });
  const { labelSmoothing, dropPath, layerDecay, ema, batch, accumulate } = config;
  assert.deepEqual([labelSmoothing, dropPath, layerDecay, ema], [0.1, 0.1, 0.65, null]);
  assert.deepEqual([batch, accumulate], [128, 8]);
  const { lr, minLr, warmupSteps, stepsPerEpoch, epochs } = config.schedule;
  assert.deepEqual([lr, minLr, warmupSteps / stepsPerEpoch, epochs], [2e-3, 1e-6, 5, 100]);
  assert.deepEqual(config.optimiser, {
    kind: "adamw",
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0.05,
    clipGrad: null,
  });
  assert.equal(showProtocol(config), "fine-tuned, mean pool, 100 epochs");
});

Deno.test("resolveFinetune() takes the mild recipe for small pictures, and steps that fit few", () => {
  const config = resolve({ recipe: undefined, pool: "cls", ema: 0.9 }, {
    trainCount: 100,
    hasVal: false,
    hasTest: false,
    encoder: scratch,
  });
  assert.equal(config.recipe, "small");
  assert.deepEqual([config.batch, config.accumulate, config.mix], [100, 1, null]);
  assert.deepEqual(config.validation, { split: "train", share: 0.1 });
  assert.deepEqual([config.test, config.layerDecay], [null, 1]);
  assert.equal(showProtocol(config), "trained from scratch, CLS, 30 epochs, moving average 0.9");
  const few = resolve({}, { trainCount: 300 });
  assert.deepEqual([few.batch, few.accumulate], [128, 2]);
});

Deno.test("resolveFinetune() leaves cropping to the graph where nothing comes after it", () => {
  assert.equal(resolve({ randAugment: "none", erasing: 0 }).augment, null);
  assert.deepEqual(resolve({ mixup: 0 }).mix, { mixup: 0, cutmix: 1, imageSize: 8 });
});

const WRONG: readonly (readonly [FinetuneOptions, RegExp])[] = [
  [
    { imageSize: 9 },
    /^Cannot cut 9 pixels a side \(--image-size\) into the checkpoint's patches of 4/,
  ],
  [{ dropPath: 1 }, /^Cannot use 1 as --drop-path: it must be a number of at least 0 and below 1/],
  [{ layerDecay: 0 }, /^Cannot use 0 as --layer-decay/],
  [{ erasing: 2 }, /^Cannot use 2 as --erasing: it must be a number from 0 to 1/],
  [{ ema: 1 }, /^Cannot use 1 as --ema/],
  [{ mixup: -1 }, /^Cannot use -1 as --mixup/],
  [{ cropScale: 0 }, /^Cannot use 0 as --crop-scale/],
  [{ randAugment: "rand-m9" }, /^Cannot use "rand-m9" as RandAugment: .+ \(--rand-augment\)$/],
  [{ precision: "bfloat16" }, /^Cannot train with --precision bfloat16 on the CPU/],
  [{ epochs: 1, steps: 2 }, /^Cannot take both --epochs and --steps/],
  [{ holdOut: 0.1 }, /^Cannot hold 0.1 of the training images out \(--hold-out\): .+ val split/],
];
for (const [options, message] of WRONG) {
  Deno.test(`resolveFinetune() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => resolve(options), { name: "ConfigError", message });
  });
}

Deno.test("resumeFinetune() takes other threads, and nothing else", () => {
  const saved = resolve({ epochs: 2 });
  const now = resolve({ epochs: 2, threads: 3, recompute: "blocks" });
  assert.deepEqual(resumeFinetune(saved, now), { ...saved, threads: 3, recompute: "blocks" });
  assert.throws(() => resumeFinetune(saved, resolve({ epochs: 2, dropPath: 0.2 })), {
    name: "ConfigError",
    message: "Cannot resume with dropPath 0.2: the run was started with 0.1",
  });
  const moved = { ...taught, origin: { ...taught.origin, checkpoint: "b" } };
  assert.deepEqual(resumeFinetune(saved, resolve({ epochs: 2 }, { encoder: moved })), saved);
  const other = { ...taught, origin: { ...taught.origin, sha256: "11" } };
  assert.throws(
    () => resumeFinetune(saved, resolve({ epochs: 2 }, { encoder: other })),
    /^ConfigError: Cannot resume with initial "11": the run was started with "00"/,
  );
});

Deno.test("planOf() goes on with the recipe that was chosen then, whatever would be chosen now", () => {
  const plan = planOf("data", { facts } as Partial<FinetuneSubject> as FinetuneSubject);
  const saved = resolve({ recipe: "vit-b" });
  assert.equal(resolve({ recipe: undefined }).recipe, "small");
  assert.equal(plan.resume(saved, { threads: 1 }).recipe, "vit-b");
  assert.throws(() => plan.resume(saved, { threads: 1, recipe: "small" }), {
    name: "ConfigError",
    message: 'Cannot resume with recipe "small": the run was started with "vit-b"',
  });
});
