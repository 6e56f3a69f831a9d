/** The paper's schedule for a larger encoder: ViT-L/16 at 224 pixels, 4,096 images a step. */
import type { Recipe } from "./recipe.ts";

export const imagenetVitL: Recipe = {
  summary: "224 px, ViT-L/16, 300 epochs of 64 x 64 images a step",
  guide: {
    data: "ccmim prepare imagenet photographs --size 384 --store jpeg --quality 95",
    command: "ccmim pretrain --recipe imagenet-vit-l --data photographs --out runs/vit-l",
    hardware: "one large GPU; --precision bfloat16 --recompute blocks where memory is short",
    time: { text: "not known: it has not run on a GPU to its end", source: "unknown" },
    expect: { text: "not known here", source: "unknown" },
    note: "BatchNorm and the contrast see one micro-batch of 64 images",
  },
  encoder: "large",
  imageSize: 224,
  decoder: { width: 512, depth: 8, heads: 16 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 64,
  accumulate: 64,
  epochs: 300,
  warmupEpochs: 40,
  baseLr: 1.5e-4,
  weightDecay: 0.05,
  clipGrad: null,
};
