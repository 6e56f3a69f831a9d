import assert from "node:assert/strict";
import type { PretrainingConfig } from "../../lib/ccmim/mod.ts";
import { DataError } from "../../lib/data/mod.ts";
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from "../../lib/augment/mod.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { arrayOver, random } from "../../lib/tensor/mod.ts";
import { Inspector } from "../../lib/visual/mod.ts";
import { assertClose } from "../_assert.ts";
import * as reference from "../ccmim/_reference.ts";
import { decode, embed, encode, patchify } from "../vit/_reference.ts";
import { cut, mean, sum, type Weights } from "../nn/_reference.ts";
import { MICRO, MICRO_MAE } from "../_models.ts";
import { randomPictures, weightsOf } from "./_model.ts";

let environment: Environment;
Deno.test.beforeAll(() => void (environment = Environment.open()));
Deno.test.afterAll(() => environment[Symbol.dispose]());

const L = 16;

function look(config: PretrainingConfig, { count = 2, seed = 3 } = {}) {
  using inspector = new Inspector(environment, config, { batch: count, threads: 1 });
  const tensors = weightsOf(config);
  return inspector.look(tensors, randomPictures(count, config.model.imageSize), seed);
}

/** Weights as the reference takes them. */
function plainWeights(config: PretrainingConfig): Weights {
  return Object.fromEntries(
    [...weightsOf(config)].map(([name, { data }]) => [name, [...arrayOver("float32", data)]]),
  );
}

Deno.test("Inspector masks by the seed, the picture's number and the sampling", () => {
  for (const config of [MICRO, MICRO_MAE]) {
    const [first, second] = look(config);
    assert.deepEqual(look(config), look(config));
    assert.equal(sum([...first!.masked]), 12);
    assert.notDeepEqual(first!.masked, second!.masked);
    assert.notDeepEqual(look(config, { seed: 4 })[0]!.masked, first!.masked);
    assert.deepEqual(look(config, { count: 1 })[0]!.masked, first!.masked);
  }
  const stream = random({ seed: 3, purpose: "mask", sample: 0 });
  const noise = Array.from({ length: L }, () => stream.uniform());
  const visible = new Set(reference.ranking(noise).slice(0, 4));
  assert.deepEqual(
    [...look(MICRO_MAE)[0]!.masked],
    noise.map((_, i) => visible.has(i) ? 0 : 1),
  );
});

Deno.test("Inspector's probabilities are frequencies: even where masks are random, sharp where the ranking is", () => {
  const [even] = look(MICRO_MAE);
  assertClose([mean([...even!.probability])], [0.75], 1e-5);
  assert.ok(even!.probability.every((p) => p > 0.62 && p < 0.88), `${even!.probability}`);
  const topk = { ...MICRO, masking: { ...MICRO.masking, sampling: "topk" as const } };
  const [sharp] = look(topk);
  assert.deepEqual([...sharp!.probability].map(Math.round), [...sharp!.masked]);
  const ranked = [...sharp!.attention.keys()]
    .sort((a, b) => sharp!.attention[a]! - sharp!.attention[b]!);
  assert.deepEqual(ranked.slice(4).map((i) => sharp!.masked[i]), Array(12).fill(1));
});

Deno.test("Inspector undoes the normalisation per patch, and measures the error of masked pixels", () => {
  for (const normPixLoss of [true, false]) {
    const config = { ...MICRO_MAE, normPixLoss };
    const [view] = look(config, { count: 1 });
    const { pixels } = view!.picture;
    const { imageSize: S, patch } = config.model;
    const weights = plainWeights(config);
    const normal = [...pixels].map((x, i) =>
      (x / 255 - IMAGENET_MEAN[i % 3]!) / IMAGENET_DEVIATION[i % 3]!
    );
    const patches = patchify(cut(cut(normal, 3), S), patch);
    const stream = random({ seed: 3, purpose: "mask", sample: 0 });
    const order = reference.ranking(Array.from({ length: L }, () => stream.uniform()));
    const kept = order.slice(0, 4);
    const tokens = embed(weights, config.model, kept.map((i) => patches[i]!), kept);
    const { y: latent } = encode(weights, config.model, tokens);
    const masked = decode(weights, config.model, latent, order);
    const expected = new Float64Array(pixels.length).fill(NaN);
    masked.forEach((row, m) => {
      const place = order[4 + m]!;
      const truth = patches[place]!;
      const centre = mean(truth);
      const variance = sum(truth.map((x) => (x - centre) ** 2)) / (truth.length - 1);
      row.forEach((x, i) => {
        const value = normPixLoss ? x * Math.sqrt(variance + 1e-6) + centre : x;
        const [y, column, c] = [Math.floor(i / (patch * 3)), Math.floor(i / 3) % patch, i % 3];
        const top = Math.floor(place / (S / patch)) * patch + y;
        const left = (place % (S / patch)) * patch + column;
        const byte = 255 * (value * IMAGENET_DEVIATION[c]! + IMAGENET_MEAN[c]!);
        expected[(top * S + left) * 3 + c] = byte;
      });
    });
    let [squares, count] = [0, 0];
    expected.forEach((value, i) => {
      if (Number.isNaN(value)) return;
      const byte = Math.max(0, Math.min(255, value));
      assert.ok(Math.abs(view!.predicted[i]! - byte) < 0.51, `pixel ${i}`);
      squares += ((value - pixels[i]!) / 255) ** 2;
      count++;
    });
    assert.equal(count, 12 * 2 * 2 * 3);
    assertClose([view!.error], [squares / count], 1e-4);
  }
});

Deno.test("Inspector refuses weights and pictures that do not fit", () => {
  using inspector = new Inspector(environment, MICRO_MAE, { batch: 1, threads: 1 });
  const tensors = weightsOf(MICRO_MAE);
  const pictures = randomPictures(1, 8);
  const without = new Map([...tensors].filter(([name]) => name !== "norm.bias"));
  assert.throws(
    () => inspector.look(without, pictures, 0),
    new DataError("Cannot find the parameter norm.bias in the weights"),
  );
  const other = new Map([...tensors, ["norm.bias", tensors.get("cls_token")!]]);
  assert.throws(
    () => inspector.look(other, pictures, 0),
    /Cannot use norm.bias: it is float32\[1, /,
  );
  assert.throws(
    () => inspector.look(tensors, randomPictures(2, 8), 0),
    /Cannot look at 2 pictures: the graph takes 1/,
  );
  assert.throws(
    () => inspector.look(tensors, randomPictures(1, 9), 0),
    /Cannot look at pictures\/0.png: 243 bytes are not 8 x 8 x 3/,
  );
});
