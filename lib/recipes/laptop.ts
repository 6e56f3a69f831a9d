/** One's own photographs on a computer without a GPU. */
import type { Recipe } from "./recipe.ts";

export const laptop: Recipe = {
  summary: "64 px, patch 8, ViT 192x6x3, 100 epochs of 64 images a step",
  guide: {
    data: "ccmim prepare photographs dataset --size 96 --val-fraction 0.05",
    command: "ccmim pretrain --recipe laptop --data dataset --out runs/laptop",
    hardware: "2 CPU cores",
    time: { text: "add --dry-run: it tries some steps and says", source: "unknown" },
    expect: {
      text:
        "not known: it depends on the photographs; ccmim probe --kind knn on labelled ones says",
      source: "unknown",
    },
  },
  encoder: { width: 192, depth: 6, heads: 3 },
  patch: 8,
  imageSize: 64,
  decoder: { width: 128, depth: 2, heads: 4 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 64,
  accumulate: 1,
  epochs: 100,
  warmupEpochs: 5,
  baseLr: 1.5e-3,
  weightDecay: 0.05,
  clipGrad: null,
};
