import assert from "node:assert/strict";
import {
  parsePretrainConfig,
  type PretrainOptions,
  resolvePretrain,
  resumePretrain,
} from "../../lib/recipes/mod.ts";

const CIFAR = { imageSize: 32, trainCount: 50_000 };
const STARTED: PretrainOptions = { recipe: "cifar", steps: 300, warmup: { count: 20 }, threads: 2 };
const saved = resolvePretrain(STARTED, CIFAR);

Deno.test("resumePretrain() goes on with what is saved, with the same options or none", () => {
  assert.deepEqual(resumePretrain(saved, {}), saved);
  assert.deepEqual(resumePretrain(saved, STARTED), saved);
  assert.deepEqual(resumePretrain(saved, { model: "tiny", epochs: 300 / 390 }), saved);
});

Deno.test("resumePretrain() takes other threads and checkpoints", () => {
  assert.deepEqual(
    resumePretrain(saved, { threads: 1, checkpointEvery: { count: 10, unit: "steps" } }),
    { ...saved, threads: 1, checkpointEvery: 10 },
  );
  const bare = { checkpointEvery: { count: 10 } };
  assert.equal(resumePretrain(saved, { ...bare, steps: 300 }).checkpointEvery, 10);
  const whole = resolvePretrain({ recipe: "cifar", epochs: 2 }, CIFAR);
  assert.equal(resumePretrain(whole, { ...bare, epochs: 2 }).checkpointEvery, 3900);
});

Deno.test("resumePretrain() refuses what contradicts the run", () => {
  const cases: readonly (readonly [PretrainOptions, string])[] = [
    [{ batch: 64 }, "Cannot resume with --batch 64: the run was started with 128"],
    [{ maskRatio: 0.5 }, "Cannot resume with --mask-ratio 0.5: the run was started with 0.75"],
    [{ clipGrad: 1 }, "Cannot resume with --clip-grad 1: the run was started with none"],
    [
      { normPixLoss: false },
      "Cannot resume with --norm-pix-loss false: the run was started with true",
    ],
    [
      { model: "small" },
      "Cannot resume with --model 384x12x6: the run was started with 192x12x3",
    ],
    [
      { batch: 64, lr: 1, warmup: { count: 1, unit: "epochs" } },
      "Cannot resume with --batch 64: the run was started with 128; or with --lr 1: the run was " +
      "started with 0.00075; or with --warmup 1epochs: the run was started with 20steps",
    ],
    [{ steps: 400 }, "Cannot resume with --steps 400: the run was started with 300"],
    [
      { warmup: { count: 1, unit: "epochs" } },
      "Cannot resume with --warmup 1epochs: the run was started with 20steps",
    ],
    [
      { warmup: { count: 20 } },
      "Cannot resume with --warmup 20: say 20epochs or 20steps",
    ],
    [
      { checkpointEvery: { count: 50 } },
      "Cannot resume with --checkpoint-every 50: say 50epochs or 50steps",
    ],
    [
      { checkpointEvery: { count: 0, unit: "steps" } },
      "Cannot write a checkpoint every 0steps: that is less than a step",
    ],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => resumePretrain(saved, options), { name: "ConfigError", message });
  }
});

Deno.test("parsePretrainConfig() reads back what JSON.stringify() wrote", () => {
  assert.deepEqual(parsePretrainConfig(JSON.parse(JSON.stringify(saved))), saved);
});

Deno.test("parsePretrainConfig() says which field is wrong", () => {
  assert.throws(
    () => parsePretrainConfig({ ...saved, model: { ...saved.model, width: "wide" } }),
    /^SyntaxError: Cannot read a configuration: model\.width is wrong \(.*"wide"\)$/,
  );
  assert.throws(() => parsePretrainConfig({ ...saved, seed: undefined }), /: seed is wrong/);
  assert.throws(() => parsePretrainConfig(null), /: it is wrong/);
});
