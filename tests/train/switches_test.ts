/** Every switch of the pretraining model, through the engine that trains. */
import assert from "node:assert/strict";
import { type PretrainingConfig, type Sampling, SAMPLINGS } from "../../lib/ccmim/mod.ts";
import { MICRO } from "../_models.ts";
import { batchData, differing, floats, openRig } from "./_micro.ts";

type Changes = { readonly [K in keyof PretrainingConfig]?: Partial<PretrainingConfig[K]> };

function changed({ model, masking, align, normPixLoss = true }: Changes): PretrainingConfig {
  return {
    model: { ...MICRO.model, ...model },
    masking: { ...MICRO.masking, ...masking },
    align: { ...MICRO.align, ...align },
    normPixLoss: normPixLoss as boolean,
  };
}

/** Trains a step, with the masking noise times `noisy`; the losses, gradients and model after it. */
function trainStep(changes: Changes, noisy = 1) {
  const config = changed(changes);
  using rig = openRig({ config });
  const { engine } = rig;
  const before = engine.state.model();
  const data = batchData(config, 5);
  const losses = engine.microBatch(
    rig.tensors({ ...data, noise: data.noise.map((u) => u * noisy) }),
  ).read();
  const gradients = floats(engine.state.gradientsByName());
  const end = engine.step(1e-3).read();
  const after = engine.state.model();
  return { losses, gradients, end, after, moved: differing(before, after) };
}

/** Asserts that a step of a model trains all of it. */
function assertTrains(changes: Changes, aligns: boolean) {
  const found = trainStep(changes);
  const { losses: { loss, rec, align }, end, after, moved } = found;
  assert.ok(Number.isFinite(rec) && rec! > 0, `rec ${rec}`);
  assert.equal(align !== undefined, aligns);
  if (align === undefined) assert.equal(loss, rec);
  else assert.ok(Number.isFinite(align) && Number.isFinite(loss), `align ${align}, loss ${loss}`);
  assert.ok(end.finite && end.norm > 0 && Number.isFinite(end.norm), `norm ${end.norm}`);
  assert.deepEqual(moved.sort(), [...after.keys()].sort(), "every tensor moves");
  return found;
}

for (const sampling of SAMPLINGS) {
  for (const weight of [0.1, 0]) {
    Deno.test(`a step trains with ${sampling} sampling and alignment x ${weight}`, () => {
      assertTrains({ masking: { sampling }, align: { weight } }, weight > 0);
    });
  }
}

Deno.test("alignment gives the projector a gradient, and the encoder another one", () => {
  const [without, aligned] = [0, 0.1].map((weight) => trainStep({ align: { weight } }));
  assert.ok(![...without!.after.keys()].some((name) => name.startsWith("projector.")));
  assert.equal(aligned!.losses.rec, without!.losses.rec);
  const name = "blocks.0.attn.qkv.weight";
  assert.notDeepEqual(aligned!.gradients.get(name), without!.gradients.get(name));
  const decoder = "decoder_blocks.0.attn.qkv.weight";
  assert.deepEqual(aligned!.gradients.get(decoder), without!.gradients.get(decoder));
});

Deno.test("the alignment's weight multiplies its loss and gradient", () => {
  const [small, large] = [0.1, 0.4].map((weight) => trainStep({ align: { weight } }));
  assert.equal(small!.losses.align, large!.losses.align);
  const { loss, rec, align } = large!.losses;
  assert.ok(Math.abs(loss - rec! - 0.4 * align!) < 1e-6);
  const name = "projector.3.weight";
  const ratios = small!.gradients.get(name)!.map((g, i) => large!.gradients.get(name)![i]! / g);
  ratios.forEach((ratio) => assert.ok(Math.abs(ratio - 4) < 1e-3, `ratio ${ratio}`));
});

Deno.test("the gradient through both sides is another one than with a fixed target", () => {
  const [target, both] = (["target", "both"] as const)
    .map((gradient) => assertTrains({ align: { gradient } }, true));
  for (const name of ["loss", "rec", "align"] as const) {
    assert.ok(Math.abs(both!.losses[name]! - target!.losses[name]!) < 1e-6, name);
  }
  for (const name of ["projector.3.weight", "blocks.1.mlp.fc1.weight", "cls_token"]) {
    assert.notDeepEqual(both!.gradients.get(name), target!.gradients.get(name), name);
  }
  const decoder = "decoder_pred.weight";
  assert.deepEqual(both!.gradients.get(decoder), target!.gradients.get(decoder));
});

Deno.test("target pixels can be left as they are", () => {
  const [normalised, raw] = [true, false].map((normPixLoss) => assertTrains({ normPixLoss }, true));
  assert.notEqual(normalised!.losses.rec, raw!.losses.rec);
  assert.equal(normalised!.losses.align, raw!.losses.align);
});

Deno.test("the score's temperature weighs attention against noise", () => {
  const rec = (sampling: Sampling, scoreTemperature: number, noisy = 1) =>
    trainStep({ masking: { sampling, scoreTemperature } }, noisy).losses.rec;
  assert.notEqual(rec("importance", 0.05), rec("importance", 1));
  // a / tau - u and a - tau u have one order
  assert.equal(rec("importance", 0.05), rec("importance", 1, 0.05));
  assert.equal(rec("importance", 1, 0), rec("topk", 1));
  assert.equal(rec("importance", 1e6), rec("random", 1, -1)); // -u
  assert.equal(rec("topk", 0.01), rec("topk", 1));
});

Deno.test("the alignment's temperature changes its loss alone", () => {
  const [a, b] = [0.5, 0.2].map((temperature) => assertTrains({ align: { temperature } }, true));
  assert.notEqual(a!.losses.align, b!.losses.align);
  assert.equal(a!.losses.rec, b!.losses.rec);
});

const SIZES: Readonly<Record<string, Changes>> = {
  "36 patches, half of them masked": { model: { imageSize: 12 }, masking: { ratio: 0.5 } },
  "one visible patch": { masking: { ratio: 0.9 } },
  "one masked patch": { masking: { ratio: 0.05 } },
  "4 patches of 4 pixels, K = 1": { model: { patch: 4 } },
  "9 patches of 4 pixels": { model: { imageSize: 12, patch: 4 } },
  "25 patches of 3 pixels": { model: { imageSize: 15, patch: 3 } },
  "one block": { model: { depth: 1 } },
  "one head": { model: { heads: 1, decoderHeads: 1 } },
  "a wider decoder of two blocks": { model: { decoderWidth: 24, decoderDepth: 2 } },
};
for (const [what, changes] of Object.entries(SIZES)) {
  Deno.test(`a step trains ${what}`, () => void assertTrains(changes, true));
}
