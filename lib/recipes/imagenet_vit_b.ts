/** The paper's main setting: ViT-B/16 at 224 pixels on ImageNet-1K, 4,096 images a step. */
import type { Recipe } from "./recipe.ts";

export const imagenetVitB: Recipe = {
  summary: "224 px, ViT-B/16, 300 epochs of 32 x 128 images a step (the paper's)",
  guide: {
    data: "ccmim prepare imagenet photographs --size 384 --store jpeg --quality 95",
    command: "ccmim pretrain --recipe imagenet-vit-b --data photographs --out runs/vit-b",
    hardware: "one large GPU; the authors took 32",
    time: { text: "not known: it has not run on a GPU to its end", source: "unknown" },
    expect: {
      text:
        "83.6% fine-tuned top-1 on ImageNet-1K after 300 epochs, 84.2% after 800 (--epochs 800); " +
        "MAE 82.8% after 300",
      source: "paper",
    },
    note:
      "like the paper's run and not the same: there the contrast was over 1,024 images and BatchNorm over 32, " +
      "here both see one micro-batch of 128",
  },
  encoder: "base",
  imageSize: 224,
  decoder: { width: 512, depth: 8, heads: 16 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 128,
  accumulate: 32,
  epochs: 300,
  warmupEpochs: 40,
  baseLr: 1.5e-4,
  weightDecay: 0.05,
  clipGrad: null,
};
