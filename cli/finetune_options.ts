/** The flags of `ccmim finetune`. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { flag, negatableFlag, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { POOLS } from "../lib/features/mod.ts";
import { FINETUNE_RECIPE_NAMES } from "../lib/finetune/mod.ts";
import { LOGS } from "../lib/logs/mod.ts";
import { JUDGING } from "../lib/probe/mod.ts";
import { PRECISIONS, RECOMPUTE } from "../lib/recipes/mod.ts";
import { type SizeName, SIZES } from "../lib/vit/mod.ts";
import { checkpointFlags } from "./checkpoint_options.ts";
import { dryRun } from "./dry_run.ts";
import { batch, device, duration } from "./values.ts";

const count = integer({ metavar: "N" });
const number = float({ metavar: "X" });

const data = option("--data", path({ metavar: "DATASET", type: "directory" }), {
  description: message`Packed dataset with labels.`,
});

const weights = option("--checkpoint", path({ metavar: "PATH" }), {
  description: message`A run, a checkpoint or a file of weights; ${
    text("none trains from scratch. Of a fine-tuning run, its best model")
  }.`,
});

const partial = optional(option("--partial", {
  description: message`Take a file that matches an encoder in part; the rest stays as it starts.`,
}));

const files = object("Files", {
  checkpoint: weights,
  partial,
  data,
  out: option("--out", path({ metavar: "DIR" }), {
    description: message`Folder of the run: ${
      text("checkpoints, best/, metrics.jsonl, finetune.json, confusion.csv and .png")
    }.`,
  }),
  dryRun,
  resume: option("--resume", {
    description: message`Go on with the run in DIR, exactly as if never interrupted.`,
  }),
  log: multiple(option("--log", choice(LOGS, { metavar: "KIND" }), {
    description: message`tensorboard: also write event files, into DIR/tensorboard; ${
      text("scalars and the configuration")
    }. [metrics.jsonl alone]`,
  })),
});

const training = object("Training", {
  recipe: optional(option("--recipe", choice(FINETUNE_RECIPE_NAMES, { metavar: "NAME" }), {
    description: message`Defaults that belong together. [small up to 64 px, else vit-b]`,
  })),
  epochs: optional(option("--epochs", count, {
    description: message`Passes over the training images. [small: 30, vit-b: 100]`,
  })),
  steps: optional(option("--steps", count, {
    description: message`Optimiser steps, in place of --epochs.`,
  })),
  warmup: optional(option("--warmup", duration, {
    description: message`Linear warm-up; shorter than the run. ${
      text("[small: 3 of 30 epochs, vit-b: 5 of 100, in proportion]")
    }`,
  })),
  batch: optional(option("--batch", batch, {
    description: message`Images of a micro-batch; auto tries what is fastest. [128]`,
  })),
  accumulate: optional(option("--accumulate", count, {
    description: message`Micro-batches of a step. [small: 1, vit-b: 8, less on few images]`,
  })),
  baseLr: optional(option("--base-lr", number, {
    description: message`Learning rate for 256 images a step. [small: 1e-3, vit-b: 5e-4]`,
  })),
  lr: optional(option("--lr", number, {
    description: message`Peak learning rate as it is, in place of --base-lr.`,
  })),
  layerDecay: optional(option("--layer-decay", number, {
    description: message`Factor of the learning rate from one layer to the one below. ${
      text("[small: 0.75, vit-b: 0.65; from scratch 1]")
    }`,
  })),
  weightDecay: optional(option("--weight-decay", number, {
    description: message`Weight decay of matrices. [0.05]`,
  })),
  clipGrad: optional(option("--clip-grad", number, {
    description: message`Largest L2 norm of the gradient. [no limit]`,
  })),
  ema: optional(option("--ema", number, {
    description: message`Keep a moving average of the parameters with this decay, and ${
      text("judge and keep that one, as in 0.9999")
    }. [none]`,
  })),
  seed: optional(option("--seed", integer({ metavar: "N", min: 0 }), {
    description: message`Seed of all that is drawn. [0]`,
  })),
  holdOut: optional(option("--hold-out", number, {
    description: message`Where there is no val split: share of the training images that ${
      text("says which epoch is best")
    }. [0.1]`,
  })),
});

const augmentation = object("Augmentation and regularisation", {
  cropScale: optional(option("--crop-scale", number, {
    description: message`Least share of the area that a crop shows. [small: 0.5, vit-b: 0.08]`,
  })),
  randAugment: optional(option("--rand-augment", string({ metavar: "SPEC" }), {
    description: message`RandAugment as timm writes it, or none. ${
      text("[small: rand-m5-mstd0.5-inc1, vit-b: rand-m9-mstd0.5-inc1]")
    }`,
  })),
  erasing: optional(option("--erasing", number, {
    description: message`Probability of random erasing. [small: 0, vit-b: 0.25]`,
  })),
  mixup: optional(option("--mixup", number, {
    description: message`Parameter of mixup's Beta distribution. [small: 0, vit-b: 0.8]`,
  })),
  cutmix: optional(option("--cutmix", number, {
    description: message`The same for CutMix; with both, each batch has one. ${
      text("[small: 0, vit-b: 1]")
    }`,
  })),
  labelSmoothing: optional(option("--label-smoothing", number, {
    description: message`Share of a label that all classes share. [0.1]`,
  })),
  dropPath: optional(option("--drop-path", number, {
    description: message`Rate at which the last block is left out of a sample; less below. ${
      text("[small: 0, vit-b: 0.1]")
    }`,
  })),
});

const model = object("Model", {
  pool: optional(option("--pool", choice(POOLS, { metavar: "POOL" }), {
    description: message`What the head reads: the mean of the patches, or CLS. [mean]`,
  })),
  imageSize: optional(option("--image-size", count, {
    description: message`Pixels a side; positions are interpolated if it is not the checkpoint's. ${
      text("[the checkpoint's]")
    }`,
  })),
  model: optional(option("--model", choice(Object.keys(SIZES) as SizeName[], { metavar: "SIZE" }), {
    description: message`Named size of an encoder from scratch; ${
      text("what is said of a checkpoint's size is held against it. [as ccmim pretrain]")
    }`,
  })),
  width: optional(option("--width", count, { description: message`Width.` })),
  depth: optional(option("--depth", count, { description: message`Blocks.` })),
  heads: optional(option("--heads", count, { description: message`Attention heads a block.` })),
  patch: optional(option("--patch", count, { description: message`Pixels a side of a patch.` })),
});

const threads = optional(option("--threads", count, {
  description: message`Threads of ONNX Runtime. [all cores]`,
}));

const dataWorkers = optional(
  option("--data-workers", integer({ metavar: "N", min: 1, max: 64 }), {
    description: message`Threads that read and augment images. [half the cores, 8 at most]`,
  }),
);

const computer = {
  threads,
  dataWorkers,
  device: optional(option("--device", device, {
    description: message`Where to compute: ${text("auto, cpu, cuda or cuda:N")}. [auto]`,
  })),
  precision: optional(option("--precision", choice(PRECISIONS, { metavar: "TYPE" }), {
    description: message`What products compute in. [float32]`,
  })),
};

const machine = object("Machine", {
  ...computer,
  recompute: optional(option("--recompute", choice(RECOMPUTE, { metavar: "WHAT" }), {
    description: message`Compute blocks again in the backward pass, to save memory. [none]`,
  })),
  strictDevice: optional(negatableFlag(
    { positive: "--strict-device", negative: "--no-strict-device" },
    {
      description: message`On a GPU, whether to fail if a node with more than scalars and shapes ${
        text("would run on the host")
      }. [on]`,
    },
  )),
});

/** What trains, in groups. */
export const finetuneOptions = merge(
  files,
  training,
  augmentation,
  model,
  checkpointFlags,
  machine,
);

/** What only judges. */
export const evaluateOptions = object("Evaluation alone", {
  evaluateOnly: flag("--evaluate-only", {
    description: message`Train nothing: judge a fine-tuned classifier.`,
  }),
  checkpoint: weights,
  partial,
  data,
  out: optional(option("--out", path({ metavar: "DIR" }), {
    description: message`New folder for evaluation.json, confusion.csv and .png. [none]`,
  })),
  split: optional(option("--split", choice(JUDGING, { metavar: "SPLIT" }), {
    description: message`Which split judges. [test where there is one, else val]`,
  })),
  batch: optional(option("--batch", count, { description: message`Images at a time. [128]` })),
  heads: optional(option("--heads", count, {
    description: message`Attention heads, where the file does not say them.`,
  })),
  ...computer,
});
