/**
 * Photographs on one machine: ViT-S/16 at 224 pixels.
 *
 * Command: `ccmim pretrain --recipe imagenet-small --data imagenet.ccmim --out runs/small`
 * Data: photographs packed with --size 384 --store jpeg --quality 95 (docs/results.md: what other sizes cost). 256 pixels do for
 * a trial.
 * Expect: the paper has no figure for this size. A step is 1,024 images in 16 micro-batches of 64, so
 * BatchNorm and the contrast see 64 images.
 */
import type { Recipe } from "./recipe.ts";

export const imagenetSmall: Recipe = {
  summary: "224 px, ViT-S/16, 300 epochs of 16 x 64 images a step",
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
