/** Small pictures on a CPU: CIFAR-10 and its like. */
import type { Recipe } from "./recipe.ts";

export const cifar: Recipe = {
  summary: "32 px, patch 4, ViT 192x12x3, 300 epochs of 128 images a step",
  guide: {
    data: "ccmim prepare cifar10.tar.gz cifar10 --val-fraction 0.02",
    command: "ccmim pretrain --recipe cifar --data cifar10 --out runs/cifar",
    hardware: "2 CPU cores, 1.1 GB of memory",
    time: {
      text: "36 hours for 300 epochs of 49,000 images, at 115 images/s on 2 cores of an AMD EPYC",
      source: "extrapolated",
    },
    expect: {
      text:
        "after 300 steps, 6 minutes, a held-out reconstruction loss of 0.756, where predicting " +
        "the mean has 0.979. A smaller encoder (--width 96 --depth 6 --heads 3) after 30 epochs, an hour of one core: by a " +
        "linear probe 53% of CIFAR-10's test images, where a random encoder has 43%; fine-tuned for 6 epochs 66%, from scratch 58%",
      source: "measured",
    },
  },
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
