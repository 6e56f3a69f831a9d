/** The flags of `ccmim probe`. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { negatableFlag, option } from "@optique/core/primitives";
import { choice, float, integer } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { FEATURE_LAYERS, POOLS } from "../lib/features/mod.ts";
import { JUDGING, PROBE_KINDS, PROBE_OPTIMISERS } from "../lib/probe/mod.ts";
import { PRECISIONS } from "../lib/recipes/mod.ts";
import { type SizeName, SIZES } from "../lib/vit/mod.ts";
import { checkpointFlags } from "./checkpoint_options.ts";
import { dryRun } from "./dry_run.ts";
import { batch, device, duration, numbers } from "./values.ts";

const count = integer({ metavar: "N" });
const number = float({ metavar: "X" });

const files = object("Files", {
  checkpoint: option("--checkpoint", path({ metavar: "PATH" }), {
    description:
      message`A run (its best checkpoint, else its newest), a checkpoint, a file of weights, or ${
        text("random: what training would start from")
      }.`,
  }),
  partial: optional(option("--partial", {
    description: message`Take a file that matches an encoder in part; the rest stays as it starts.`,
  })),
  data: option("--data", path({ metavar: "DATASET", type: "directory" }), {
    description: message`Packed dataset with labels.`,
  }),
  out: option("--out", path({ metavar: "DIR" }), {
    description: message`Folder for ${
      text("probe.json, confusion.csv and .png, and for the run if something is trained")
    }.`,
  }),
  dryRun,
  force: option("--force", { description: message`Replace a probe that is there already.` }),
  resume: option("--resume", {
    description: message`Go on with the training in DIR, exactly as if never interrupted.`,
  }),
});

const kind = object("Probe", {
  kind: optional(option("--kind", choice(PROBE_KINDS, { metavar: "KIND" }), {
    description:
      message`A linear layer, nearest neighbours, or a linear layer and the last blocks. ${
        text("[linear]")
      }`,
  })),
  pool: optional(option("--pool", choice(POOLS, { metavar: "POOL" }), {
    description: message`What stands for an image: CLS, or the mean of its patches. [cls]`,
  })),
  layers: optional(option("--layers", choice(FEATURE_LAYERS, { metavar: "WHICH" }), {
    description: message`Features of the last block, or of all side by side. [last]`,
  })),
  split: optional(option("--split", choice(JUDGING, { metavar: "SPLIT" }), {
    description: message`Which split judges. [test where there is one, else val]`,
  })),
  labelsPerClass: optional(option("--labels-per-class", count, {
    description: message`Learn from so many images of each class, drawn by the seed. [all]`,
  })),
  seeds: optional(option("--seeds", numbers, {
    description: message`Seeds of all that is drawn, a random encoder included; ${
      text("the result is the mean, with its standard deviation")
    }. [0]`,
  })),
  seed: optional(option("--seed", count, { description: message`One seed.` })),
});

const knn = object("Nearest neighbours", {
  k: optional(option("--k", count, { description: message`Neighbours that vote. [20]` })),
  temperature: optional(option("--temperature", number, {
    description: message`T: a vote weighs exp(cosine / T). [0.07]`,
  })),
});

const cache = object("Cached features", {
  cache: optional(option("--cache", {
    description: message`Take features once, without augmentation, and try many learning rates; ${
      text("held-out training images say which is best")
    }.`,
  })),
  baseLrs: optional(option("--base-lrs", numbers, {
    description: message`Learning rates for 256 images a step that are tried. ${
      text("[0.01 to 30 with lars, 1e-5 to 0.03 with adamw]")
    }`,
  })),
  holdOut: optional(option("--hold-out", number, {
    description: message`Share of the training images that says which is best. [0.1]`,
  })),
});

const training = object("Training", {
  blocks: optional(option("--blocks", count, {
    description: message`With --kind partial, the last blocks that are trained. [1]`,
  })),
  epochs: optional(option("--epochs", count, {
    description: message`Passes over the training images. [90]`,
  })),
  steps: optional(option("--steps", count, {
    description: message`Optimiser steps, in place of --epochs.`,
  })),
  warmup: optional(option("--warmup", duration, {
    description: message`Linear warm-up; shorter than the run. [10 of 90 epochs, in proportion]`,
  })),
  batch: optional(option("--batch", batch, {
    description: message`Images of a micro-batch, or of a step with --cache; ${
      text("auto tries what is fastest. [128, 1024]")
    }`,
  })),
  accumulate: optional(option("--accumulate", count, {
    description: message`Micro-batches of a step. ${
      text("[so many that a step has 16,384 images, or an epoch 16 steps]")
    }`,
  })),
  optimiser: optional(option("--optimiser", choice(PROBE_OPTIMISERS, { metavar: "NAME" }), {
    description: message`LARS as MAE has it, or AdamW for small data. [lars; partial: adamw]`,
  })),
  baseLr: optional(option("--base-lr", number, {
    description: message`Learning rate for 256 images a step. [lars: 0.1, adamw: 1e-3]`,
  })),
  lr: optional(option("--lr", number, {
    description: message`Peak learning rate as it is, in place of --base-lr.`,
  })),
  weightDecay: optional(option("--weight-decay", number, {
    description: message`Weight decay of matrices. [0; partial: 0.05]`,
  })),
});

const model = object("Model", {
  model: optional(option("--model", choice(Object.keys(SIZES) as SizeName[], { metavar: "SIZE" }), {
    description: message`Named size of a random encoder; what is said of a checkpoint's size ${
      text("is held against it")
    }. [as ccmim pretrain]`,
  })),
  width: optional(option("--width", count, { description: message`Width.` })),
  depth: optional(option("--depth", count, { description: message`Blocks.` })),
  heads: optional(option("--heads", count, { description: message`Attention heads a block.` })),
  imageSize: optional(option("--image-size", count, {
    description: message`Pixels a side that it sees.`,
  })),
  patch: optional(option("--patch", count, { description: message`Pixels a side of a patch.` })),
});

const machine = object("Machine", {
  threads: optional(option("--threads", count, {
    description: message`Threads of ONNX Runtime. [all cores]`,
  })),
  dataWorkers: optional(option("--data-workers", integer({ metavar: "N", min: 1, max: 64 }), {
    description: message`Threads that read images. [1, more where images are decoded]`,
  })),
  device: optional(option("--device", device, {
    description: message`Where to compute: ${text("auto, cpu, cuda or cuda:N")}. [auto]`,
  })),
  precision: optional(option("--precision", choice(PRECISIONS, { metavar: "TYPE" }), {
    description: message`What products of the encoder compute in. [float32]`,
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

/** All of them, in groups. */
export const probeOptions = merge(
  files,
  kind,
  knn,
  cache,
  training,
  checkpointFlags,
  model,
  machine,
);
