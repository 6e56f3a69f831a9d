import assert from "node:assert/strict";
import { gradient, input, topological, type Value } from "../../lib/graph/mod.ts";
import { Parameters } from "../../lib/nn/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingModel,
  pretrainingParameters,
  SAMPLINGS,
  visibleCount,
} from "../../lib/ccmim/mod.ts";
import { random } from "../../lib/tensor/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import { bindings, cut, flat, normals, randomWeights } from "../nn/_reference.ts";
import { MODEL } from "../vit/_reference.ts";
import * as reference from "./_reference.ts";

/** Float32 against float64, through the whole model. */
const TOLERANCE = 1e-5;

const CCMIM: PretrainingConfig = {
  model: { ...MODEL, projectorWidth: 5 },
  masking: { ratio: 0.6, sampling: "importance", scoreTemperature: 1 },
  align: { weight: 0.1, temperature: 0.5, gradient: "target" },
  normPixLoss: true,
};
const MAE: PretrainingConfig = {
  ...CCMIM,
  masking: { ...CCMIM.masking, sampling: "random" },
  align: { ...CCMIM.align, weight: 0 },
};

const B = 4, L = 9, S = MODEL.imageSize;
const batch = {
  images: input("images", "float32", [B, S, S, 3]),
  noise: input("noise", "float32", [B, L]),
};
const given = {
  images: normals(B * S * S * 3, 31),
  noise: Array.from({ length: B * L }, random({ seed: 3, purpose: "mask" }).uniform),
};
const weights = randomWeights(pretrainingParameters(CCMIM));
const buffers = randomWeights(pretrainingBuffers(CCMIM));

function build(config: PretrainingConfig) {
  const p = new Parameters(pretrainingParameters(config));
  const state = new Parameters(pretrainingBuffers(config));
  const output = pretrainingModel(p, state, config, batch);
  return { p, state, output };
}

const statistics = (name: string) => ({
  mean: buffers[`${name}.running_mean`]!,
  variance: buffers[`${name}.running_var`]!,
});

function check(config: PretrainingConfig): void {
  const { p, state, output } = build(config);
  const { details, align, loss, rec } = output;
  const outputs: Record<string, Value> = { loss, rec };
  for (const [name, value] of Object.entries(output.buffers)) outputs[`next ${name}`] = value;
  if (align) outputs.align = align;
  if (details.scores) outputs.scores = details.scores;
  Object.assign(outputs, { order: details.order, latent: details.latent });
  const inputs = { ...given, ...bindings(p, weights), ...bindings(state, buffers) };
  const results = evaluate(outputs, inputs);

  const expected = reference.pretrain(
    weights,
    config,
    reference.pixelsOf(given.images, S),
    cut(given.noise, L),
    { hidden: statistics("projector.1"), output: statistics("projector.4") },
  );
  const { sampling } = config.masking;
  assert.deepEqual(results.order, flat(expected.sides.map(({ order }) => order)), sampling);
  assertClose(
    results.latent!,
    flat(expected.sides.map((side) => side.latent)),
    TOLERANCE,
    "latent",
  );
  assertClose(results.rec!, [expected.rec], TOLERANCE, "rec");
  assertClose(results.loss!, [expected.loss], TOLERANCE, "loss");
  if (details.scores) {
    const scores = flat(expected.sides.map((side) => side.scores));
    assertClose(results.scores!, scores, TOLERANCE, "scores");
  }
  if (!align) return;
  assertClose(results.align!, [expected.align], TOLERANCE, "align");
  const { hidden, output: last } = expected.statistics;
  assertClose(results["next projector.1.running_mean"]!, hidden.mean, TOLERANCE);
  assertClose(results["next projector.1.running_var"]!, hidden.variance, TOLERANCE);
  assertClose(results["next projector.4.running_mean"]!, last.mean, TOLERANCE);
  assertClose(results["next projector.4.running_var"]!, last.variance, TOLERANCE);
}

for (const sampling of SAMPLINGS) {
  Deno.test(`pretrainingModel() computes ccMIM's losses with ${sampling} sampling`, () => {
    check({ ...CCMIM, masking: { ...CCMIM.masking, sampling, scoreTemperature: 0.5 } });
  });
}

Deno.test("pretrainingModel() computes MAE's loss", () => {
  check(MAE);
  check({ ...MAE, normPixLoss: false });
});

Deno.test("visibleCount() is the floor of L times the share that is not masked", () => {
  const count = (ratio: number, imageSize: number, patch: number) =>
    visibleCount({
      ...CCMIM,
      model: { ...CCMIM.model, imageSize, patch },
      masking: { ...CCMIM.masking, ratio },
    });
  assert.equal(count(0.75, 224, 16), 49);
  assert.equal(count(0.75, 32, 4), 16);
  assert.equal(count(0.6, 6, 2), 3);
  assert.equal(count(0.75, 6, 2), 2); // 9 x 0.25 = 2.25
  assert.equal(count(0.75, 224, 14), 64);
});

Deno.test("pretrainingParameters() of MAE are ccMIM's without the projector; it has no buffers", () => {
  const names = (config: PretrainingConfig) => pretrainingParameters(config).map((p) => p.name);
  const projector = names(CCMIM).filter((name) => name.startsWith("projector"));
  assert.equal(projector.length, 4);
  assert.deepEqual(names(CCMIM), [...names(MAE), ...projector]);
  assert.deepEqual(pretrainingBuffers(MAE), []);
  assert.deepEqual(pretrainingBuffers(CCMIM).map(({ name, shape, init }) => [name, shape, init]), [
    ["projector.1.running_mean", [8], "zeros"],
    ["projector.1.running_var", [8], "ones"],
    ["projector.4.running_mean", [5], "zeros"],
    ["projector.4.running_var", [5], "ones"],
  ]);
});

Deno.test("pretrainingModel() of MAE encodes once and scores nothing", () => {
  const count = (config: PretrainingConfig) => {
    const order = topological([build(config).output.loss]);
    return order.filter(({ op }) => op === "Softmax").length;
  };
  const random = { ...CCMIM.masking, sampling: "random" } as const;
  const { depth, decoderDepth } = MODEL;
  assert.equal(count(MAE), depth + decoderDepth);
  assert.equal(count({ ...CCMIM, masking: random }), 2 * depth + decoderDepth);
  const { output } = build(MAE);
  assert.equal(output.align, null);
  assert.equal(output.loss, output.rec);
  assert.deepEqual(output.buffers, {});
});

Deno.test("pretrainingModel() gives every parameter a gradient, and noise and pixels of the mask none", () => {
  for (const config of [CCMIM, MAE]) {
    const { p, output } = build(config);
    const inputs = p.views.map(({ value }) => value);
    const missing = gradient(output.loss, inputs)
      .flatMap((dx, i) => dx ? [] : [inputs[i]!.attrs.name]);
    assert.deepEqual(missing, []);
    assert.deepEqual(gradient(output.loss, [batch.noise]), [null]);
  }
});

Deno.test("pretrainingModel() treats the masked side as a constant, unless both get a gradient", () => {
  const gradients = (kind: "target" | "both") => {
    const config = { ...CCMIM, align: { ...CCMIM.align, gradient: kind } };
    const { p, state, output } = build(config);
    const inputs = p.views.map(({ value }) => value);
    const all = gradient(output.align!, inputs);
    const named = inputs.flatMap((x, i) =>
      all[i] ? [[`grad ${x.attrs.name}`, all[i]] as const] : []
    );
    const outputs: Record<string, Value> = Object.fromEntries(named);
    return evaluate(outputs, { ...given, ...bindings(p, weights), ...bindings(state, buffers) });
  };
  const target = gradients("target");
  const both = gradients("both");
  assert.deepEqual(Object.keys(target), Object.keys(both));
  const name = "grad blocks.0.mlp.fc1.weight";
  assert.notDeepEqual(target[name], both[name]);
});

Deno.test("pretrainingModel()'s gradient agrees with differences where no side is held back", () => {
  // Random masking: with the attention's, a difference could move the mask
  const masking = { ...CCMIM.masking, sampling: "random" } as const;
  const config = { ...CCMIM, masking, align: { ...CCMIM.align, gradient: "both" as const } };
  const { p, state, output } = build(config);
  const names = ["blocks.0.mlp.fc1.weight", "projector.0.weight", "cls_token", "mask_token"];
  const inputs = names.map((name) => p.views.find(({ value }) => value.attrs.name === name)!.value);
  const slopes = evaluate(
    Object.fromEntries(gradient(output.loss, inputs).map((dx, i) => [`grad ${names[i]}`, dx!])),
    { ...given, ...bindings(p, weights), ...bindings(state, buffers) },
  );
  const pixels = reference.pixelsOf(given.images, S);
  const start = { hidden: statistics("projector.1"), output: statistics("projector.4") };
  const step = 1e-4;
  for (const name of names) {
    const lossAt = (by: number) => {
      const moved = weights[name]!.map((x, i) => i === 3 ? x + by : x);
      const all = { ...weights, [name]: moved };
      return reference.pretrain(all, config, pixels, cut(given.noise, L), start).loss;
    };
    const difference = (lossAt(step) - lossAt(-step)) / (2 * step);
    assertClose([slopes[`grad ${name}`]![3]!], [difference], TOLERANCE, name);
  }
});
