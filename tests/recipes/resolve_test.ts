import assert from "node:assert/strict";
import {
  ConfigError,
  type PretrainOptions,
  RECIPE_NAMES,
  resolvePretrain,
} from "../../lib/recipes/mod.ts";

const CIFAR = { imageSize: 32, trainCount: 50_000 };
const IMAGENET = { imageSize: 256, trainCount: 1_281_167 };

Deno.test("resolvePretrain() takes no larger a step than there are images, unless it is told", () => {
  const stepOf = (trainCount: number, options: PretrainOptions = {}) => {
    const { batch, accumulate, schedule } = resolvePretrain(
      { recipe: "imagenet-vit-s", ...options },
      { imageSize: 256, trainCount },
    );
    return [batch, accumulate, schedule.stepsPerEpoch];
  };
  assert.deepEqual(stepOf(1_281_167), [64, 16, 1251]);
  assert.deepEqual(stepOf(1024), [64, 16, 1]);
  assert.deepEqual(stepOf(1023), [64, 15, 1]);
  assert.deepEqual(stepOf(50), [50, 1, 1]);
  assert.deepEqual(stepOf(50, { batch: 20 }), [20, 2, 1]);
  assert.throws(() => stepOf(50, { batch: 64 }), /step of 64 images .*training split has 50$/);
});

Deno.test("resolvePretrain() fills in the whole configuration", () => {
  const config = resolvePretrain({ recipe: "cifar", threads: 2 }, CIFAR);
  assert.deepEqual(config, {
    recipe: "cifar",
    method: "ccmim",
    model: {
      imageSize: 32,
      patch: 4,
      width: 192,
      depth: 12,
      heads: 3,
      mlpRatio: 4,
      decoderWidth: 128,
      decoderDepth: 2,
      decoderHeads: 4,
      projectorWidth: 256,
    },
    masking: { ratio: 0.75, sampling: "importance", scoreTemperature: 1 },
    align: { weight: 0.1, temperature: 0.5, gradient: "target" },
    normPixLoss: true,
    crop: { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] },
    schedule: {
      steps: 300 * 390,
      epochs: 300,
      stepsPerEpoch: 390,
      warmupSteps: 20 * 390,
      baseLr: 1.5e-3,
      lr: 7.5e-4,
      minLr: 0,
    },
    optimiser: { kind: "adamw", betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0.05, clipGrad: null },
    batch: 128,
    accumulate: 1,
    seed: 0,
    threads: 2,
    device: "cpu",
    precision: "float32",
    recompute: "none",
    checkpointEvery: 390,
  });
  assert.deepEqual(JSON.parse(JSON.stringify(config)), config);
});

Deno.test("resolvePretrain() takes the paper's setting from imagenet-vit-b", () => {
  const { model, batch, accumulate, schedule } = resolvePretrain(
    { recipe: "imagenet-vit-b" },
    IMAGENET,
  );
  assert.deepEqual(
    [model.width, model.depth, model.heads, model.patch, model.imageSize],
    [768, 12, 12, 16, 224],
  );
  assert.deepEqual([model.decoderWidth, model.decoderDepth, model.decoderHeads], [512, 8, 16]);
  assert.equal(batch * accumulate, 4096);
  assert.equal(schedule.lr, 1.5e-4 * 16);
  assert.equal(schedule.stepsPerEpoch, 312);
  assert.deepEqual([schedule.steps, schedule.warmupSteps], [300 * 312, 40 * 312]);
});

Deno.test("resolvePretrain() lets an option win over the method, and the method over the recipe", () => {
  const settings = (options: PretrainOptions) => {
    const { masking, align } = resolvePretrain(options, CIFAR);
    return [masking.sampling, align.weight];
  };
  assert.deepEqual(settings({}), ["importance", 0.1]);
  assert.deepEqual(settings({ method: "mae" }), ["random", 0]);
  assert.deepEqual(settings({ method: "mae", alignWeight: 0.1 }), ["random", 0.1]);
  assert.deepEqual(settings({ method: "mae", sampling: "importance" }), ["importance", 0]);
  assert.deepEqual(settings({ method: "ccmim", sampling: "random" }), ["random", 0.1]);
});

Deno.test("resolvePretrain() scales the learning rate with batch x accumulate, unless --lr is given", () => {
  const rates = (options: PretrainOptions) => {
    const { baseLr, lr } = resolvePretrain({ steps: 10, ...options }, CIFAR).schedule;
    return [baseLr, lr];
  };
  assert.deepEqual(rates({ baseLr: 1e-3, batch: 64 }), [1e-3, 2.5e-4]);
  assert.deepEqual(rates({ baseLr: 1e-3, batch: 64, accumulate: 8 }), [1e-3, 2e-3]);
  assert.deepEqual(rates({ lr: 1e-3, batch: 64 }), [4e-3, 1e-3]);
});

Deno.test("resolvePretrain() shortens the recipe's warm-up with the run, and never lengthens it", () => {
  const warmup = (options: PretrainOptions) => {
    const { steps, warmupSteps } = resolvePretrain({ recipe: "cifar", ...options }, CIFAR).schedule;
    return [steps, warmupSteps];
  };
  assert.deepEqual(warmup({ epochs: 30 }), [30 * 390, 2 * 390]);
  assert.deepEqual(warmup({ epochs: 600 }), [600 * 390, 20 * 390]);
  assert.deepEqual(warmup({ steps: 300 }), [300, 20]);
  assert.deepEqual(warmup({ steps: 1 }), [1, 0]);
});

Deno.test("resolvePretrain() counts a bare duration as the run is counted", () => {
  const steps = (options: PretrainOptions) => {
    const { schedule, checkpointEvery } = resolvePretrain(options, CIFAR);
    return [schedule.warmupSteps, checkpointEvery];
  };
  const five = { count: 5 };
  assert.deepEqual(steps({ epochs: 30, warmup: five, checkpointEvery: five }), [1950, 1950]);
  assert.deepEqual(steps({ steps: 30, warmup: five, checkpointEvery: five }), [5, 5]);
  assert.deepEqual(steps({ epochs: 30, warmup: { count: 7, unit: "steps" } }), [7, 390]);
  assert.deepEqual(steps({ steps: 1000, warmup: { count: 0.5, unit: "epochs" } }), [195, 390]);
  assert.deepEqual(steps({ steps: 30, warmup: { count: 0 } }), [0, 390]);
});

Deno.test("resolvePretrain() says the epochs of a run that is counted in steps", () => {
  const { schedule } = resolvePretrain({ steps: 195 }, CIFAR);
  assert.deepEqual([schedule.steps, schedule.epochs], [195, 0.5]);
});

Deno.test("resolvePretrain() sets width, depth and heads by a named size, and its patch unless fixed", () => {
  const model = (options: PretrainOptions) => {
    const { width, depth, heads, patch } = resolvePretrain(options, IMAGENET).model;
    return [width, depth, heads, patch];
  };
  assert.deepEqual(model({ recipe: "imagenet-vit-b", model: "tiny" }), [192, 12, 3, 16]);
  assert.deepEqual(model({ recipe: "imagenet-vit-b", model: "huge" }), [1280, 32, 16, 14]);
  assert.deepEqual(model({ model: "huge" }), [1280, 32, 16, 14]);
  assert.deepEqual(model({ recipe: "cifar", model: "small" }), [384, 12, 6, 4]);
  assert.deepEqual(model({ recipe: "demo" }), [96, 4, 3, 4]);
  assert.deepEqual(model({ model: "small", depth: 2, patch: 8 }), [384, 2, 6, 8]);
});

Deno.test("resolvePretrain() without a recipe chooses one and fits image and patch to the dataset", () => {
  const choice = (imageSize: number, options: PretrainOptions = {}) => {
    const { recipe, model } = resolvePretrain(options, { imageSize, trainCount: 50_000 });
    return [recipe, model.imageSize, model.patch];
  };
  assert.deepEqual(choice(28), ["cifar", 28, 4]);
  assert.deepEqual(choice(32), ["cifar", 32, 4]);
  assert.deepEqual(choice(50), ["cifar", 48, 4]);
  assert.deepEqual(choice(64), ["cifar", 64, 8]);
  assert.deepEqual(choice(96), ["imagenet-vit-s", 96, 8]);
  assert.deepEqual(choice(128), ["imagenet-vit-s", 128, 16]);
  assert.deepEqual(choice(256), ["imagenet-vit-s", 224, 16]);
  assert.deepEqual(choice(256, { model: "huge" }), ["imagenet-vit-s", 224, 14]);
  assert.deepEqual(choice(256, { imageSize: 64 }), ["imagenet-vit-s", 64, 8]);
  assert.deepEqual(choice(256, { patch: 32 }), ["imagenet-vit-s", 224, 32]);
});

Deno.test("resolvePretrain() accepts every recipe on large images", () => {
  for (const recipe of RECIPE_NAMES) {
    const { schedule } = resolvePretrain({ recipe }, IMAGENET);
    assert.ok(schedule.warmupSteps < schedule.steps, recipe);
  }
});

Deno.test("resolvePretrain() uses all cores unless it is told", () => {
  assert.equal(resolvePretrain({}, CIFAR).threads, navigator.hardwareConcurrency);
});

const REFUSED: readonly (readonly [PretrainOptions, string])[] = [
  [{ batch: 0 }, "Cannot use 0 as --batch: it must be a whole number of at least 1"],
  [{ depth: 1.5 }, "Cannot use 1.5 as --depth: it must be a whole number of at least 1"],
  [{ threads: 5000 }, "Cannot use 5000 as --threads: it must be a whole number in [1, 4096]"],
  [{ maskRatio: 1 }, "Cannot use 1 as --mask-ratio: it must be between 0 and 1"],
  [{ alignWeight: -1 }, "Cannot use -1 as --align-weight: it must be a number of at least 0"],
  [{ scoreTemperature: 0 }, "Cannot use 0 as --score-temperature: it must be a number above 0"],
  [{ lr: NaN }, "Cannot use NaN as --lr: it must be a number above 0"],
  [{ seed: -1 }, "Cannot use -1 as --seed: it must be a whole number in [0, 2^53)"],
  [{ epochs: 1, steps: 1 }, "Cannot take both --epochs and --steps: give one of them"],
  [{ lr: 1, baseLr: 1 }, "Cannot take both --base-lr and --lr: give one of them"],
  [
    { steps: 20, warmup: { count: 20 } },
    "Cannot warm up for 20 steps (--warmup 20): the run has 20",
  ],
  [
    { steps: 20, warmup: { count: 1, unit: "epochs" } },
    "Cannot warm up for 390 steps (--warmup 1epochs): the run has 20",
  ],
  [
    { checkpointEvery: { count: 0 } },
    "Cannot write a checkpoint every 0: that is less than a step",
  ],
  [
    { batch: 512, accumulate: 100 },
    "Cannot make a step of 51200 images (--batch 512 x --accumulate 100): the training split has 50000",
  ],
  [{ width: 200, heads: 3 }, "Cannot split width 200 into 3 heads (--width and --heads)"],
  [
    { decoderWidth: 66, decoderHeads: 6 },
    "Cannot make positions of width 66 (--decoder-width and --decoder-heads): sines and cosines " +
    "of two axes need a multiple of 4",
  ],
  [
    { imageSize: 48 },
    "Cannot pretrain at --image-size 48: the dataset stores 32 pixels a side, and enlarging them " +
    "adds nothing",
  ],
  [
    { patch: 5, imageSize: 32 },
    "Cannot cut 32 pixels a side into patches of 5: --image-size must be a multiple of --patch",
  ],
  [
    { patch: 64, imageSize: 32 },
    "Cannot cut 32 pixels a side into patches of 64: --image-size must be a multiple of --patch",
  ],
  [
    { patch: 16, maskRatio: 0.8 },
    "Cannot mask 0.8 of 4 patches (--mask-ratio): 0 would stay visible, and at least 1 must stay " +
    "and 1 must go",
  ],
  [
    { batch: 1 },
    "Cannot align in batches of one image: take --batch 2 or more, or --align-weight 0",
  ],
];

for (const [options, expected] of REFUSED) {
  Deno.test(`resolvePretrain() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => resolvePretrain(options, CIFAR), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.message, expected);
      return true;
    });
  });
}

Deno.test("resolvePretrain() refuses a named recipe on images that are too small for it", () => {
  assert.throws(
    () => resolvePretrain({ recipe: "imagenet-vit-b" }, CIFAR),
    /^ConfigError: Cannot pretrain at --image-size 224: the dataset stores 32 pixels a side/,
  );
});

Deno.test("resolvePretrain() takes batches of one image where nothing is aligned", () => {
  assert.equal(resolvePretrain({ method: "mae", batch: 1 }, CIFAR).batch, 1);
});
