/** The demonstration: a model that is small enough to see it learn while one waits. */
import type { Recipe } from "./recipe.ts";

export const demo = {
  summary: "32 px, patch 4, ViT 96x4x3, 10 epochs of 64 images a step",
  guide: {
    data: "ccmim prepare out/demo/pictures out/demo/dataset",
    command:
      "deno task demo, or ccmim pretrain --recipe demo --data out/demo/dataset --out runs/demo",
    hardware: "2 CPU cores",
    time: { text: "under 3 minutes, drawing and packing included", source: "measured" },
    expect: {
      text:
        "a held-out reconstruction loss of 0.46 after the 460 steps, where predicting the mean has " +
        "0.98; the features are of little use, as the whole model has half a million parameters",
      source: "measured",
    },
  },
  encoder: { width: 96, depth: 4, heads: 3 },
  patch: 4,
  imageSize: 32,
  decoder: { width: 64, depth: 1, heads: 4 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 64,
  accumulate: 1,
  epochs: 10,
  warmupEpochs: 1,
  baseLr: 12e-3, // 3e-3 at 64 images a step
  weightDecay: 0.05,
  clipGrad: null,
} as const satisfies Recipe;
