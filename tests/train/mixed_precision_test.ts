import assert from "node:assert/strict";
import type { PretrainingConfig } from "../../lib/ccmim/mod.ts";
import { LOW_TYPES, type Lowering } from "../../lib/lower/mod.ts";
import { LOSS_SCALE } from "../../lib/optim/mod.ts";
import { gradientGraph, type StepMetrics } from "../../lib/train/mod.ts";
import { DivergedError } from "../../lib/train/errors.ts";
import { train } from "../../lib/train/loop.ts";
import type { TensorMap } from "../../lib/train/state.ts";
import { checkPretraining } from "../../tasks/check_fixtures/pretraining.ts";
import { MICRO } from "../_models.ts";
import { differing, floats, openRig, type Rig } from "./_micro.ts";
import { saved } from "./_trained.ts";

const FLOAT16: Lowering = { type: "float16", simulate: true };

/** ViT-Tiny on images of 16 patches. */
const VIT_TINY: PretrainingConfig = {
  ...MICRO,
  model: {
    ...MICRO.model,
    imageSize: 16,
    patch: 4,
    width: 192,
    depth: 12,
    heads: 3,
    mlpRatio: 4,
    decoderWidth: 64,
    decoderHeads: 2,
    projectorWidth: 64,
  },
};

/** One step on the batch that a seed draws. */
function step(rig: Rig, seed: number, lr = 1e-3) {
  const { loss } = rig.engine.microBatch(rig.drawn(seed)).read();
  return { loss, ...rig.engine.step(lr).read() };
}

/** Cosine of the angle between two gradients of a model. */
function cosine(a: TensorMap, b: TensorMap): number {
  const [first, second] = [floats(a), floats(b)];
  let [aa, ab, bb] = [0, 0, 0];
  for (const [name, x] of first) {
    const y = second.get(name)!;
    x.forEach((value, i) => {
      aa += value * value;
      ab += value * y[i]!;
      bb += y[i]! * y[i]!;
    });
  }
  return ab / Math.sqrt(aa * bb);
}

for (const type of LOW_TYPES) {
  for (const name of ["micro_ccmim", "micro_mae"]) {
    Deno.test(`the engine stays near ${name} in simulated ${type}`, () => {
      const folder = new URL(`../fixtures/${name}`, import.meta.url).pathname;
      const found = checkPretraining(folder, { lower: { type, simulate: true } });
      assert.deepEqual(found.filter(({ holds }) => !holds), []);
      assert.ok(found.some(({ difference }) => difference > 1e-6), "something was rounded");
    });
  }

  Deno.test(`ViT-Tiny in simulated ${type}: loss and gradient near float32, falling over 50 steps`, () => {
    using full = openRig({ config: VIT_TINY, session: { threads: 2 } });
    using low = openRig({
      config: VIT_TINY,
      lower: { type, simulate: true },
      session: { threads: 2 },
    });
    const [wanted] = [full].map((rig) => rig.engine.microBatch(rig.drawn(1)).read());
    const batch = low.drawn(1);
    const first = low.engine.microBatch(batch).read();
    assert.ok(Math.abs(first.loss / wanted!.loss - 1) < 2e-2, `${first.loss}, ${wanted!.loss}`);
    const gradients = [full, low].map(({ engine }) => engine.state.gradientsByName());
    const angle = cosine(gradients[0]!, gradients[1]!);
    assert.ok(angle > 0.99 && angle < 1 - 1e-8, `cosine ${angle}`);

    assert.equal(low.engine.step(1e-3).read().finite, true);
    const losses = Array.from({ length: 49 }, () => {
      const { loss } = low.engine.microBatch(batch).read();
      assert.equal(low.engine.step(1e-3).read().finite, true);
      return loss;
    });
    const mean = (part: number[]) => part.reduce((sum, x) => sum + x, 0) / part.length;
    const tens = [0, 10, 20, 30, 39].map((start) => mean(losses.slice(start, start + 10)));
    assert.ok(tens.every((x, i) => i === 0 || x < tens[i - 1]!), tens.join(", "));
    assert.ok(tens.at(-1)! < 0.5 * first.loss, `from ${first.loss} to ${tens.at(-1)}`);
  });
}

Deno.test("gradientGraph() in float32 is the graph that it is without a lowering", () => {
  const sizes = { batch: 4, storedSize: 8, crop: true };
  assert.deepEqual(
    gradientGraph(MICRO, sizes, { lower: null }).model,
    gradientGraph(MICRO, sizes).model,
  );
});

Deno.test("Engine takes the loss scale out of what it steps by and reports", () => {
  const run = (scale: number) => {
    using rig = openRig({ lower: FLOAT16, clipGrad: 0.5 });
    rig.engine.state.cells.set("lossScale", scale);
    const { norm, lossScale } = step(rig, 1);
    assert.equal(lossScale, scale);
    return {
      norm,
      saved: floats(saved(rig)),
      gradients: floats(rig.engine.state.gradientsByName()),
    };
  };
  const [small, large] = [run(2 ** 10), run(2 ** 14)];
  assert.ok(Math.abs(small.norm / large.norm - 1) < 1e-3);
  const name = "decoder_pred.weight";
  const ratio = large.gradients.get(name)!.map((x, i) => x / small.gradients.get(name)![i]!);
  assert.ok(ratio.every((x) => Math.abs(x / 16 - 1) < 0.1), `${ratio.slice(0, 4)}`);
  for (const key of [`first.${name}`, `second.${name}`, name]) {
    const [x, y] = [small.saved.get(key)!, large.saved.get(key)!];
    const largest = Math.max(...x.map(Math.abs));
    assert.ok(x.every((value, i) => Math.abs(value - y[i]!) < 0.02 * largest), key);
  }
});

Deno.test("Engine skips a float16 step that overflows, and halves the scale", () => {
  for (const accumulate of [1, 2]) {
    using rig = openRig({ lower: FLOAT16, accumulate });
    const { engine } = rig;
    const overflowing = LOSS_SCALE.largest;
    engine.state.cells.set("lossScale", overflowing);
    engine.state.cells.set("goodSteps", 7);
    const before = saved(rig);
    for (let i = 0; i < accumulate; i++) {
      assert.ok(Number.isFinite(engine.microBatch(rig.drawn(i)).read().loss));
    }
    const end = engine.step(1e-3).read();
    assert.deepEqual([end.finite, end.lossScale], [false, overflowing / 2]);
    assert.deepEqual(differing(saved(rig), before), ["lossScale", "goodSteps"]);
    assert.deepEqual([...floats(saved(rig)).get("goodSteps")!], [0]);
  }
});

Deno.test("Engine goes on with the loss scale of a checkpoint, byte for byte", () => {
  using rig = openRig({ lower: FLOAT16 });
  rig.engine.state.cells.set("lossScale", 2 ** 12);
  step(rig, 1);
  const checkpoint = saved(rig);
  assert.deepEqual([...floats(checkpoint).get("goodSteps")!], [1]);
  using resumed = openRig({ lower: FLOAT16, seed: 2 });
  resumed.engine.state.loadModel(checkpoint);
  resumed.engine.state.loadOptimiser(checkpoint);
  for (const { engine } of [rig, resumed]) {
    engine.state.cells.set("goodSteps", LOSS_SCALE.interval - 1);
  }
  for (const seed of [2, 3]) assert.deepEqual(step(rig, seed), step(resumed, seed));
  assert.deepEqual(differing(saved(resumed), saved(rig)), []);
  const scales = [checkpoint, saved(rig)].map((tensors) => floats(tensors).get("lossScale")![0]!);
  assert.equal(scales[1], 2 * scales[0]!, "it grew after enough steps");
});

Deno.test("Engine keeps no loss scale in bfloat16 and float32", () => {
  for (const lower of [null, { type: "bfloat16", simulate: true } as const]) {
    using rig = openRig({ lower });
    assert.equal(step(rig, 1).lossScale, null);
    assert.ok(!rig.engine.state.optimiser().has("lossScale"));
  }
});

/** Trains on one batch and gives the metrics of every step. */
function trained(rig: Rig, steps: number): StepMetrics[] {
  const tensors = rig.drawn(1);
  const metrics: StepMetrics[] = [];
  const feed = {
    waited: 0,
    next: () => ({ tensors, place: 0 }),
    done: () => {},
    readAhead: () => {},
    [Symbol.dispose]: () => {},
  };
  const once = { accumulate: 1, batch: 4, stepsPerEpoch: steps, checkpointEvery: steps, done: 0 };
  train({
    engine: rig.engine,
    feed,
    lr: () => 1e-3,
    steps,
    ...once,
    figures: ["loss", "rec", "align"],
    evaluate: () => ({}),
    save: () => {},
    stopped: () => false,
  }, { step: (event) => void metrics.push(event as StepMetrics), epoch: () => {} });
  return metrics;
}

Deno.test("train() tells of skipped float16 steps and goes on", () => {
  using rig = openRig({ lower: FLOAT16 });
  rig.engine.state.cells.set("lossScale", 2 ** 24);
  const metrics = trained(rig, 12);
  const skipped = metrics.map((step) => step.skipped);
  assert.ok(skipped[0] === true && skipped.at(-1) === false, `${skipped}`);
  const count = skipped.indexOf(false);
  assert.deepEqual(skipped, [...Array(12).keys()].map((i) => i < count));
  assert.equal(metrics.at(-1)!.lossScale, 2 ** (24 - count));
  assert.equal(rig.engine.state.cells.get("steps"), 12 - count);
});

Deno.test("train() gives up once the loss scale is below its floor", () => {
  using rig = openRig({ lower: FLOAT16 });
  const model = rig.engine.state.model();
  const bias = floats(model).get("decoder_pred.bias")!.fill(1e6); // no float16
  const spoiled = new Map(model);
  spoiled.set("decoder_pred.bias", {
    ...model.get("decoder_pred.bias")!,
    data: new Uint8Array(bias.buffer),
  });
  rig.engine.state.loadModel(spoiled);
  rig.engine.state.cells.set("lossScale", 4 * LOSS_SCALE.least);
  assert.throws(() => trained(rig, 12), DivergedError);
  assert.equal(rig.engine.state.cells.get("lossScale"), LOSS_SCALE.least / 2);
});

Deno.test("train() reports no loss scale in float32", () => {
  using rig = openRig();
  const [metrics] = trained(rig, 1);
  assert.ok(!("skipped" in metrics!) && !("lossScale" in metrics!));
});
