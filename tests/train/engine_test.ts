import assert from "node:assert/strict";
import { openFakeContext } from "../../lib/runtime/mod.ts";
import type { StepPart } from "../../lib/train/mod.ts";
import { literalAdamW } from "../optim/_literal.ts";
import { MICRO, MICRO_MAE } from "../_models.ts";
import {
  batchData,
  BETAS,
  differing,
  EPSILON,
  floats,
  joined,
  openRig,
  type Rig,
} from "./_micro.ts";
import { saved, train, trained } from "./_trained.ts";

/** L2 norm of all elements. */
function norm(arrays: Iterable<Float32Array>): number {
  let sum = 0;
  for (const array of arrays) for (const x of array) sum += x * x;
  return Math.sqrt(sum);
}

/** |a - b| / |b| in L2. */
function relative(a: Float32Array, b: Float32Array): number {
  return norm([a.map((x, i) => x - b[i]!)]) / norm([b]);
}

Deno.test("Engine.step() is AdamW on the engine's own gradients, decaying weights only", () => {
  using rig = openRig({ weightDecay: 0.5 });
  const { state } = rig.engine;
  const literal = new Map(
    [...floats(state.model())].map(([name, x]) => {
      const zeros = () => Array.from(x, () => 0);
      return [name, { parameter: Array.from(x), first: zeros(), second: zeros() }];
    }),
  );
  for (const [t, lr] of [[1, 1e-2], [2, 2e-2], [3, 5e-3]] as const) {
    rig.engine.microBatch(rig.drawn(t));
    for (const [name, gradient] of floats(state.gradientsByName())) {
      const decays = state.layout.places.get(name)!.parameter.shape.length > 1;
      literalAdamW(literal.get(name)!, [...gradient], t, {
        lr,
        betas: BETAS,
        epsilon: EPSILON,
        weightDecay: decays ? 0.5 : 0,
      });
    }
    rig.engine.step(lr);
  }
  const [model, optimiser] = [floats(state.model()), floats(state.optimiser())];
  for (const name of state.layout.places.keys()) {
    const { parameter, first, second } = literal.get(name)!;
    const wanted = Float32Array.from(parameter);
    const far = norm([model.get(name)!.map((x, i) => x - wanted[i]!)]) / Math.sqrt(wanted.length);
    assert.ok(far < 1e-6, `${name}: RMS ${far}`);
    // The key third of qkv.bias has no gradient, and no tensor has none at all
    assert.ok(relative(optimiser.get(`first.${name}`)!, Float32Array.from(first)) < 1e-5, name);
    assert.ok(relative(optimiser.get(`second.${name}`)!, Float32Array.from(second)) < 1e-5, name);
  }
  assert.deepEqual([...optimiser.get("steps")!], [3]);
});

Deno.test("Engine.step() refuses a step of too few or too many micro-batches", () => {
  using rig = openRig({ accumulate: 2 });
  const { engine } = rig;
  const batch = rig.drawn(1);
  const refuses = (found: number) =>
    assert.throws(
      () => engine.step(1e-3),
      new TypeError(`Cannot end a step after ${found} micro-batches: it has 2`),
    );
  const before = saved(rig);
  refuses(0);
  engine.microBatch(batch);
  refuses(1);
  engine.microBatch(batch);
  engine.microBatch(batch);
  refuses(3);
  assert.deepEqual(differing(saved(rig), before), []);
});

Deno.test("Engine accumulates the mean gradient: two micro-batches are one double batch of MAE", () => {
  using half = openRig({ config: MICRO_MAE, accumulate: 2 });
  using whole = openRig({ config: MICRO_MAE, batch: 8 });
  for (const t of [0, 1]) {
    const [a, b] = [batchData(MICRO_MAE, 2 * t), batchData(MICRO_MAE, 2 * t + 1)];
    const losses = [a, b].map((data) => half.engine.microBatch(half.tensors(data)).read().rec);
    const { rec } = whole.engine.microBatch(whole.tensors(joined(a, b))).read();
    assert.ok(Math.abs((losses[0]! + losses[1]!) / 2 / rec! - 1) < 1e-5);
    const ends = [half, whole].map(({ engine }) => engine.step(1e-3).read());
    assert.ok(Math.abs(ends[0]!.norm / ends[1]!.norm - 1) < 1e-5);
    if (t > 0) continue; // rounding of the first step
    const [first, wanted] = [half, whole].map(({ engine }) => floats(engine.state.optimiser()));
    for (const [name, moment] of wanted!) {
      const difference = relative(first!.get(name)!, moment);
      assert.ok(difference < 1e-5 || name === "steps", `${name} differs by ${difference}`);
    }
  }
});

Deno.test("Engine chains BatchNorm's statistics through the micro-batches of a step", () => {
  using chained = openRig({ accumulate: 2 });
  using single = openRig();
  const { state } = chained.engine;
  const start = state.model();
  train(single, [1, 2], { lr: 0 }); // the parameters stay, the statistics go on
  chained.engine.microBatch(chained.drawn(1));
  chained.engine.microBatch(chained.drawn(2));
  assert.deepEqual(differing(state.model(), start), [], "nothing counts before the step's end");
  chained.engine.step(0);
  assert.deepEqual(differing(chained.engine.state.model(), single.engine.state.model()), []);
  assert.equal(differing(state.model(), start).length, 4);
});

Deno.test("Engine clips the mean gradient of all parameters", () => {
  for (const accumulate of [1, 2]) {
    const free = openRig({ accumulate });
    const clipped = openRig({ accumulate, clipGrad: 0.01 });
    const loose = openRig({ accumulate, clipGrad: 1e6 });
    using _ = free, __ = clipped, ___ = loose;
    const [end] = train(free, [1, 2].slice(0, accumulate), { accumulate });
    const [clippedEnd] = train(clipped, [1, 2].slice(0, accumulate), { accumulate });
    train(loose, [1, 2].slice(0, accumulate), { accumulate });
    assert.equal(clippedEnd!.norm, end!.norm, "the norm is that before clipping");
    assert.ok(end!.norm > 0.1);
    const momentum = ({ engine: { state } }: Rig) =>
      norm(
        [...floats(state.optimiser())].filter(([name]) => name.startsWith("first."))
          .map(([, x]) => x),
      ) / (1 - BETAS[0]);
    assert.ok(Math.abs(momentum(free) / end!.norm - 1) < 1e-5);
    assert.ok(Math.abs(momentum(clipped) / 0.01 - 1) < 1e-3, `${momentum(clipped)}`);
    assert.deepEqual(differing(saved(loose), saved(free)), []);
  }
});

Deno.test("Engine gives the same bytes whatever the chunk", () => {
  const whole = trained({ accumulate: 2 }, [1, 2, 3, 4]);
  using rig = openRig({ accumulate: 2, chunk: 256 });
  assert.ok(rig.engine.state.layout.elements > 20 * 256);
  train(rig, [1, 2, 3, 4], { accumulate: 2 });
  assert.deepEqual(differing(saved(rig), whole), []);
});

Deno.test("Engine measures one norm whatever the chunk", () => {
  const norms = [64, 256, 65536].map((chunk) => {
    using rig = openRig({ config: MICRO_MAE, chunk });
    return train(rig, [1])[0]!.norm;
  });
  for (const found of norms) assert.ok(Math.abs(found / norms[0]! - 1) < 1e-6);
});

Deno.test("Engine computes the same with its state on a device", () => {
  for (const config of [MICRO, MICRO_MAE]) {
    for (const accumulate of [1, 2]) {
      const options = { config, accumulate, clipGrad: 0.5, chunk: 1024 };
      const host = trained(options, [1, 2, 3, 4]);
      const device = trained({ ...options, open: openFakeContext }, [1, 2, 3, 4]);
      assert.deepEqual(differing(device, host), []);
    }
  }
});

Deno.test("Engine repeats itself bit for bit, and other seeds differ", () => {
  const seeds = [1, 2, 3];
  assert.deepEqual(differing(trained({}, seeds), trained({}, seeds)), []);
  const other = differing(trained({ seed: 2 }, seeds), trained({}, seeds));
  assert.ok(other.includes("blocks.0.attn.qkv.weight") && other.includes("cls_token"));
});

Deno.test("Engine trains: the loss on one batch falls", () => {
  using rig = openRig();
  const batch = rig.drawn(1);
  const losses = Array.from({ length: 40 }, () => {
    const { loss } = rig.engine.microBatch(batch).read();
    rig.engine.step(1e-2);
    return loss;
  });
  assert.ok(losses.at(-1)! < 0.6 * losses[0]!, `from ${losses[0]} to ${losses.at(-1)}`);
});

Deno.test("Engine computes nothing on a device before something is read, and then all in order", () => {
  using host = openRig({ accumulate: 2, clipGrad: 0.5, chunk: 1024 });
  using device = openRig({ accumulate: 2, clipGrad: 0.5, chunk: 1024, open: openFakeContext });
  const pending = [host, device].map((rig) => {
    const batches = [1, 2, 3, 4].map((seed) => rig.drawn(seed));
    return [0, 2].flatMap((i) => {
      const losses = [i, i + 1].map((place) => rig.engine.microBatch(batches[place]!, place));
      return [...losses, rig.engine.step(1e-2)];
    });
  });
  const [wanted, found] = pending.map((results) => results.reverse().map((one) => one.read()));
  assert.deepEqual(found, wanted);
  assert.deepEqual(differing(saved(device), saved(host)), []);
});

Deno.test("Engine tells when a part of a step has been launched", () => {
  const parts: StepPart[] = [];
  using rig = openRig({ accumulate: 2, launched: (part) => void parts.push(part) });
  train(rig, [1, 2], { accumulate: 2 });
  assert.deepEqual(parts, [
    ...["gradient", "accumulate", "gradient", "accumulate"],
    ...["finish", "update"],
  ]);
});
