/** Photographs: ViT-S/16 at 224 pixels, with the paper's schedule. */
import type { Recipe } from "./recipe.ts";

export const imagenetVitS: Recipe = {
  summary: "224 px, ViT-S/16, 300 epochs of 16 x 64 images a step",
  guide: {
    data: "ccmim prepare imagenet photographs --size 384 --store jpeg --quality 95",
    command: "ccmim pretrain --recipe imagenet-vit-s --data photographs --out runs/vit-s",
    hardware: "one GPU; on 2 CPU cores a trial of some steps alone",
    time: {
      text:
        "on 2 cores of an AMD EPYC 5.3 images/s, so ImageNet-1K is out of their reach; on a GPU not known",
      source: "measured",
    },
    expect: { text: "the paper has no figure for this size", source: "unknown" },
    note: "BatchNorm and the contrast see one micro-batch of 64 images",
  },
  encoder: "small",
  imageSize: 224,
  decoder: { width: 512, depth: 8, heads: 16 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 64,
  accumulate: 16,
  epochs: 300,
  warmupEpochs: 40,
  baseLr: 1.5e-4,
  weightDecay: 0.05,
  clipGrad: null,
};
