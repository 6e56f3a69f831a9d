import assert from "node:assert/strict";
import { randomEncoder } from "../../lib/features/mod.ts";
import { probeForm } from "../../lib/probe/form.ts";
import type { ProbeOptions } from "../../lib/probe/mod.ts";
import { showProtocol } from "../../lib/probe/report.ts";
import { resolveCached, resolveKnn, resolveLinear } from "../../lib/probe/resolve.ts";
import { MODEL } from "./_subject.ts";

const encoder = {
  ...randomEncoder(MODEL, 0),
  origin: { ...randomEncoder(MODEL, 0).origin, seed: null },
};
const facts = (trainCount: number) => ({
  encoder,
  trainCount,
  classes: 10,
  split: "test" as const,
  seed: 0,
});

Deno.test("resolveLinear() is MAE's recipe on large data", () => {
  const { schedule, optimiser, batch, accumulate, crop } = resolveLinear({}, facts(1_281_167));
  assert.deepEqual([batch, accumulate], [128, 128]);
  assert.equal(schedule.lr, 6.4);
  assert.deepEqual([schedule.steps, schedule.warmupSteps], [90 * 78, 10 * 78]);
  assert.deepEqual(optimiser, {
    kind: "lars",
    momentum: 0.9,
    trust: 0.001,
    weightDecay: 0,
    clipGrad: null,
  });
  assert.deepEqual(crop, { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], once: true });
});

Deno.test("resolveLinear() makes at least 16 steps of an epoch on small data", () => {
  const { schedule, batch, accumulate } = resolveLinear({}, facts(50_000));
  assert.deepEqual([batch, accumulate, schedule.stepsPerEpoch], [128, 24, 16]);
  assert.equal(resolveLinear({}, facts(20)).batch, 20);
  assert.throws(() => resolveLinear({ batch: 1 }, facts(20)), {
    name: "ConfigError",
    message: "Cannot train a probe on batches of 1: its BatchNorm needs two images",
  });
});

Deno.test("resolveLinear() trains blocks with AdamW and weight decay", () => {
  const config = resolveLinear({ kind: "partial", blocks: 2, labelsPerClass: 5 }, facts(500));
  assert.deepEqual([config.optimiser.kind, config.optimiser.weightDecay, config.blocks], [
    "adamw",
    0.05,
    2,
  ]);
  assert.equal(showProtocol(config), "last 2 blocks fine-tuned, CLS, 90 epochs, 5 labels a class");
  assert.equal(
    showProtocol(resolveLinear({ steps: 40, batch: 16, pool: "mean" }, facts(500))),
    "linear probe, mean of patches, 40 steps",
  );
});

Deno.test("resolveCached() scales learning rates by the images of a step", () => {
  const { lrs, epochs, warmupEpochs, stepImages } = resolveCached({}, facts(512));
  assert.deepEqual([lrs[0], lrs.at(-1), stepImages], [0.02, 60, 512]);
  assert.deepEqual([epochs, warmupEpochs], [90, 10]);
  assert.equal(resolveCached({ epochs: 9 }, facts(512)).warmupEpochs, 1);
  for (const warmup of [{ count: 90 }, { count: 5, unit: "steps" }] as const) {
    assert.throws(() => resolveCached({ warmup }, facts(512)), /with --cache it is in epochs/);
  }
});

Deno.test("resolveKnn() refuses several seeds where nothing is drawn", () => {
  assert.throws(() => resolveKnn({ seeds: [0, 1] }, facts(100)), {
    name: "ConfigError",
    message:
      "Cannot take several --seeds with --kind knn: without --labels-per-class nothing is drawn",
  });
  assert.deepEqual(resolveKnn({ seeds: [0, 1], labelsPerClass: 2 }, facts(100)).seeds, [0, 1]);
});

const REFUSED: readonly (readonly [ProbeOptions, RegExp])[] = [
  [{ k: 0 }, /Cannot use 0 as --k: it must be a whole number of at least 1/],
  [{ seeds: [1.5] }, /Cannot use 1\.5 as --seeds/],
  [{ baseLrs: [-1], cache: true }, /Cannot use -1 as --base-lrs: it must be a number above 0/],
  [{ holdOut: 1, cache: true }, /Cannot use 1 as --hold-out: it must be between 0 and 1/],
  [{ holdOut: 0.1 }, /Cannot take --hold-out with --kind linear: it is for --cache/],
  [
    { lr: 1, cache: true },
    /Cannot take --lr with --cache: it is for --kind linear and --kind partial/,
  ],
  [{ kind: "partial", cache: true }, /Cannot take --cache with --kind partial/],
];
for (const [options, message] of REFUSED) {
  Deno.test(`probeForm() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => probeForm(options), { name: "ConfigError", message });
  });
}
