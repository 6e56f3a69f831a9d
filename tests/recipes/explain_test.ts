import assert from "node:assert/strict";
import {
  explainPretrain,
  findRecipe,
  parsePretrainConfig,
  type PretrainOptions,
  RECIPE_NAMES,
  RECIPES,
  resolvePretrain,
} from "../../lib/recipes/mod.ts";

const CIFAR = { imageSize: 32, trainCount: 50_000 };
const PHOTOGRAPHS = { imageSize: 384, trainCount: 1_200_000 };

/** What is said of `names`, as "value source of". */
function explain(options: PretrainOptions, names: readonly string[], dataset = CIFAR): string[] {
  const settings = explainPretrain(options, dataset);
  return names.map((name) => {
    const found = settings.find(({ option }) => option === name);
    return found === undefined ? "" : `${found.value} ${found.source} ${found.of}`.trim();
  });
}

Deno.test("explainPretrain() says where every value comes from", () => {
  const names = ["recipe", "method", "width", "patch", "sampling", "batch", "seed", "warmup"];
  assert.deepEqual(explain({}, names), [
    "cifar dataset 32 pixels",
    "ccmim default",
    "192 recipe cifar",
    "4 dataset 32 pixels",
    "importance method ccmim",
    "128 recipe cifar",
    "0 default",
    "7800steps recipe cifar",
  ]);
  const warmup = { count: 3, unit: "epochs" } as const;
  const given: PretrainOptions = {
    recipe: "cifar",
    method: "mae",
    model: "small",
    seed: 3,
    warmup,
  };
  assert.deepEqual(explain(given, names), [
    "cifar given",
    "mae given",
    "384 size small",
    "4 recipe cifar",
    "random method mae",
    "128 recipe cifar",
    "3 given",
    "3epochs given",
  ]);
  assert.deepEqual(
    explain({ recipe: "imagenet-vit-b" }, ["patch", "clipGrad"], PHOTOGRAPHS),
    ["16 size base", "null recipe imagenet-vit-b"],
  );
});

Deno.test("explainPretrain() says that a step was fitted to few images", () => {
  const few = { imageSize: 256, trainCount: 300 };
  const of = (options: PretrainOptions) =>
    explain({ recipe: "imagenet-vit-s", ...options }, ["batch", "accumulate"], few);
  assert.deepEqual(of({}), ["64 recipe imagenet-vit-s", "4 dataset 300 images"]);
  assert.deepEqual(of({ batch: 100 }), ["100 given", "3 dataset 300 images"]);
});

Deno.test("explainPretrain() lists one of two options that mean the same, and keeps auto", () => {
  const names = ["epochs", "steps", "baseLr", "lr", "checkpointEvery", "batch", "device"];
  assert.deepEqual(explain({}, names), [
    "300 recipe cifar",
    "",
    "0.0015 recipe cifar",
    "",
    "",
    "128 recipe cifar",
    "auto default",
  ]);
  assert.deepEqual(explain({ batch: "auto" }, ["accumulate", "warmup"]), ["", ""]);
  assert.deepEqual(explain({ batch: "auto", accumulate: 2 }, ["accumulate"]), ["2 given"]);
  const given: PretrainOptions = { steps: 50, lr: 1e-3, batch: "auto", device: "auto" };
  assert.deepEqual(explain(given, names), [
    "",
    "50 given",
    "",
    "0.001 given",
    "",
    "auto given",
    "auto given",
  ]);
});

Deno.test("explainPretrain() refuses what cannot be resolved", () => {
  assert.throws(() => explainPretrain({ recipe: "imagenet-vit-b" }, CIFAR), /--image-size 224/);
});

Deno.test("findRecipe() knows the names that recipes had before, and so do saved configurations", () => {
  assert.equal(findRecipe("imagenet-small"), "imagenet-vit-s");
  assert.equal(findRecipe("imagenet-base"), "imagenet-vit-b");
  assert.equal(findRecipe("cifar"), "cifar");
  assert.equal(findRecipe("toString"), undefined);
  const saved = resolvePretrain({ recipe: "imagenet-vit-b" }, PHOTOGRAPHS);
  assert.deepEqual(parsePretrainConfig({ ...saved, recipe: "imagenet-base" }), saved);
  assert.throws(() => parsePretrainConfig({ ...saved, recipe: "huge" }), /recipe is wrong/);
});

Deno.test("RECIPES name themselves in the command of their guide, and claim what is written down", () => {
  const results = Deno.readTextFileSync("docs/results.md");
  for (const name of RECIPE_NAMES) {
    const { guide } = RECIPES[name];
    assert.match(guide.command, new RegExp(`--recipe ${name}\\b`));
    for (const { text, source } of [guide.time, guide.expect]) {
      if (source === "unknown") assert.doesNotMatch(text, /\d+(\.\d+)?\s*(%|hours)/, name);
    }
  }
  // The figures that recipes quote
  for (const figure of ["| 115 ", "0.756", "5.3 images/s"]) {
    assert.ok(results.includes(figure), `docs/results.md has no ${figure}`);
  }
});
