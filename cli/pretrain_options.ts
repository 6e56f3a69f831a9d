/** The flags of `ccmim pretrain`. */
import { merge, object } from "@optique/core/constructs";
import { type Message, message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { negatableFlag, option } from "@optique/core/primitives";
import { choice, float, integer } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { LOGS } from "../lib/logs/mod.ts";
import {
  ALIGN_GRADIENTS,
  METHODS,
  PRECISIONS,
  type Recipe,
  RECIPES,
  RECOMPUTE,
  SAMPLINGS,
} from "../lib/recipes/mod.ts";
import { type SizeName, SIZES } from "../lib/vit/mod.ts";
import { checkpointFlags } from "./checkpoint_options.ts";
import { dryRun } from "./dry_run.ts";
import { batch, device, duration, recipe as recipeName } from "./values.ts";

/** Says what a recipe decides: the value, where all recipes agree on it. */
function byRecipe(pick: (recipe: Recipe) => unknown): Message {
  const values = new Set(Object.values(RECIPES).map((recipe) => String(pick(recipe))));
  return [text(values.size === 1 ? ` [${[...values][0]}]` : " [from the recipe]")];
}

const count = integer({ metavar: "N" });
const number = float({ metavar: "X" });

const files = object("Files", {
  data: option("--data", path({ metavar: "DATASET", type: "directory" }), {
    description: message`Packed dataset that ${text("ccmim prepare")} wrote.`,
  }),
  out: option("--out", path({ metavar: "RUN", type: "directory" }), {
    description: message`Folder for the run: configuration, metrics, checkpoints.`,
  }),
  dryRun,
  resume: option("--resume", {
    description: message`Go on from the last checkpoint in RUN, exactly as if never interrupted.`,
  }),
  log: multiple(option("--log", choice(LOGS, { metavar: "KIND" }), {
    description: message`tensorboard: also write event files, into RUN/tensorboard; ${
      text("scalars, the configuration, reconstructions at every checkpoint")
    }. [metrics.jsonl alone]`,
  })),
  knnEvery: optional(option("--knn-every", count, {
    description:
      message`Epochs between looks at how well nearest neighbours tell the classes of a small fixed subset. [never]`,
  })),
});

const recipe = object("Recipe", {
  recipe: optional(option("--recipe", recipeName, {
    description: message`Defaults that belong together. [by image size: ${
      text("cifar up to 64 pixels, else imagenet-vit-s")
    }]`,
  })),
  method: optional(option("--method", choice(METHODS, { metavar: "NAME" }), {
    description: message`ccmim, or mae: random sampling and no alignment. [ccmim]`,
  })),
});

const model = object("Model", {
  model: optional(option("--model", choice(Object.keys(SIZES) as SizeName[], { metavar: "SIZE" }), {
    description: message`Named encoder: width, depth and heads.${byRecipe((r) => r.encoder)}`,
  })),
  width: optional(option("--width", count, { description: message`Encoder width.` })),
  depth: optional(option("--depth", count, { description: message`Encoder blocks.` })),
  heads: optional(option("--heads", count, { description: message`Attention heads a block.` })),
  imageSize: optional(option("--image-size", count, {
    description: message`Pixels a side that the model sees; at most what is stored.${
      byRecipe((r) => r.imageSize)
    }`,
  })),
  patch: optional(option("--patch", count, {
    description: message`Pixels a side of a patch.${byRecipe((r) => r.patch)}`,
  })),
  decoderWidth: optional(option("--decoder-width", count, {
    description: message`Decoder width.${byRecipe((r) => r.decoder.width)}`,
  })),
  decoderDepth: optional(option("--decoder-depth", count, {
    description: message`Decoder blocks.${byRecipe((r) => r.decoder.depth)}`,
  })),
  decoderHeads: optional(option("--decoder-heads", count, {
    description: message`Decoder heads a block.${byRecipe((r) => r.decoder.heads)}`,
  })),
});

const masking = object("Masking and losses", {
  sampling: optional(option("--sampling", choice(SAMPLINGS, { metavar: "NAME" }), {
    description: message`How masked patches are chosen. [importance; mae: random]`,
  })),
  scoreTemperature: optional(option("--score-temperature", number, {
    description: message`Divides attention scores; below 1 guides more sharply. [1]`,
  })),
  maskRatio: optional(option("--mask-ratio", number, {
    description: message`Share of the patches that is masked, between 0 and 1.${
      byRecipe((r) => r.maskRatio)
    }`,
  })),
  alignWeight: optional(option("--align-weight", number, {
    description: message`Weight of the alignment loss; 0 skips the masked branch. [0.1; mae: 0]`,
  })),
  alignTemperature: optional(option("--align-temperature", number, {
    description: message`Temperature of the alignment's contrast. [0.5]`,
  })),
  alignGradient: optional(option("--align-gradient", choice(ALIGN_GRADIENTS, { metavar: "SIDE" }), {
    description: message`Whether the masked branch is a fixed target or learns too. [target]`,
  })),
  normPixLoss: optional(negatableFlag(
    { positive: "--norm-pix-loss", negative: "--no-norm-pix-loss" },
    {
      description: message`Whether target pixels are normalised per patch.${
        byRecipe((r) => r.normPixLoss ? "on" : "off")
      }`,
    },
  )),
});

const schedule = object("Schedule", {
  epochs: optional(option("--epochs", count, {
    description: message`Passes over the training images.${byRecipe((r) => r.epochs)}`,
  })),
  steps: optional(option("--steps", count, {
    description: message`Optimiser steps, in place of --epochs.`,
  })),
  warmup: optional(option("--warmup", duration, {
    description: message`Linear warm-up; shorter than the run. [the recipe's, in proportion]`,
  })),
  batch: optional(option("--batch", batch, {
    description: message`Images of a micro-batch; ${
      text(
        "auto tries what is fastest: on a GPU the most that fits, on the CPU the most that gains",
      )
    }.${byRecipe((r) => r.batch)}`,
  })),
  accumulate: optional(option("--accumulate", count, {
    description: message`Micro-batches of one optimiser step.${byRecipe((r) => r.accumulate)}`,
  })),
});

const optimiser = object("Optimiser", {
  baseLr: optional(option("--base-lr", number, {
    description: message`Learning rate for 256 images a step; scales with batch x accumulate.${
      byRecipe((r) => r.baseLr)
    }`,
  })),
  lr: optional(option("--lr", number, {
    description: message`Peak learning rate as it is, in place of --base-lr.`,
  })),
  weightDecay: optional(option("--weight-decay", number, {
    description: message`AdamW's weight decay.${byRecipe((r) => r.weightDecay)}`,
  })),
  clipGrad: optional(option("--clip-grad", number, {
    description: message`Largest L2 norm of the gradient.${
      byRecipe((r) => r.clipGrad ?? "no limit")
    }`,
  })),
});

const machine = object("Machine", {
  seed: optional(option("--seed", count, {
    description: message`Seed of everything random. [0]`,
  })),
  threads: optional(option("--threads", count, {
    description: message`Threads of ONNX Runtime. [all cores]`,
  })),
  dataWorkers: optional(option("--data-workers", integer({ metavar: "N", min: 1, max: 64 }), {
    description:
      message`Threads that read images ahead of the step; the result does not depend on it. [1, more where images are decoded]`,
  })),
  device: optional(option("--device", device, {
    description: message`Where to compute: ${
      text("auto, cpu, cuda or cuda:N; auto is the first GPU where CUDA works, else the CPU")
    }. [auto]`,
  })),
  precision: optional(option("--precision", choice(PRECISIONS, { metavar: "TYPE" }), {
    description: message`What products compute in, with all else in float32; ${
      text("on a GPU alone but for float32")
    }. [float32]`,
  })),
  recompute: optional(option("--recompute", choice(RECOMPUTE, { metavar: "WHAT" }), {
    description: message`blocks: compute each block again in the backward pass; ${
      text("less memory, the same result")
    }. [none]`,
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
export const pretrainOptions = merge(
  files,
  checkpointFlags,
  recipe,
  model,
  masking,
  schedule,
  optimiser,
  machine,
);
