/** Photographs on one small GPU: half the resolution, in micro-batches that are as large as the contrast likes. */
import type { Recipe } from "./recipe.ts";

export const smallGpu: Recipe = {
  summary: "128 px, patch 16, ViT-S, 200 epochs of 4 x 256 images a step",
  guide: {
    data:
      "ccmim prepare photographs dataset --size 192 --store jpeg --quality 95 --val-fraction 0.02",
    command: "ccmim pretrain --recipe small-gpu --data dataset --out runs/small --batch auto",
    hardware:
      "one GPU; --batch auto finds the micro-batch that fits its memory, --precision bfloat16 halves " +
      "much of what it takes",
    time: { text: "not known: it has not run on a GPU to its end", source: "unknown" },
    expect: { text: "not known", source: "unknown" },
  },
  encoder: "small",
  patch: 16,
  imageSize: 128,
  decoder: { width: 256, depth: 4, heads: 8 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 256,
  accumulate: 4,
  epochs: 200,
  warmupEpochs: 20,
  baseLr: 1.5e-4,
  weightDecay: 0.05,
  clipGrad: null,
};
