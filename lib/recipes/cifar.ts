/**
 * Small pictures on a CPU: CIFAR-10 and its like.
 *
 * Command: `ccmim pretrain --recipe cifar --data cifar10.ccmim --out runs/cifar`
 * Data: 32 x 32 images; CIFAR-10 has 50,000 for training, so 390 steps an epoch.
 * Expect: a reconstruction loss that falls below the predict-the-mean level within the first hundreds
 * of steps; features that are worth probing take tens of epochs.
 */
import type { Recipe } from "./recipe.ts";

export const cifar: Recipe = {
  summary: "32 px, patch 4, ViT 192x12x3, 300 epochs of 128 images a step",
  encoder: "tiny",
  patch: 4,
  imageSize: 32,
  decoder: { width: 128, depth: 2, heads: 4 },
  maskRatio: 0.75,
  normPixLoss: true,
  batch: 128,
  accumulate: 1,
  epochs: 300,
  warmupEpochs: 20,
  // Ten times the paper's 1.5e-4, which is for 4,096 images a step and a model of 86 M parameters.
  baseLr: 1.5e-3,
  weightDecay: 0.05,
  clipGrad: null,
};
