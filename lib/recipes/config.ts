/** What a pretraining run is told, and what it is once every default is filled in. */
import {
  ALIGN_GRADIENTS,
  type AlignGradient,
  type PretrainingConfig,
  type Sampling,
  SAMPLINGS,
} from "../ccmim/mod.ts";
import type { Optimiser } from "../optim/mod.ts";
import type { SizeName } from "../vit/mod.ts";
import type { Duration } from "./duration.ts";
import type { RecipeName } from "./recipes.ts";

export { ALIGN_GRADIENTS, type AlignGradient, type Sampling, SAMPLINGS };

/** Pretraining methods. Each is a set of defaults (see `methods.ts`). */
export const METHODS = ["ccmim", "mae"] as const;

/** One of {@linkcode METHODS}. */
export type Method = (typeof METHODS)[number];
/** Where a run computes. */
export type DeviceName = "cpu" | `cuda:${number}`;
/** What may be asked for: `auto` is the first GPU where CUDA works, else the CPU; `cuda` is the first GPU. */
export type DeviceOption = "auto" | "cuda" | DeviceName;

/**
 * In what products compute: float32; tf32, float32 rounded to 11 bits by a GPU's matrix units; or in 16 bits, with weights,
 * statistics and losses in float32.
 */
export const PRECISIONS = ["float32", "tf32", "bfloat16", "float16"] as const;
/** One of {@linkcode PRECISIONS}. */
export type Precision = (typeof PRECISIONS)[number];

/** What is kept of the forward pass for the backward pass: all that it reads, or each block's input and result alone. */
export const RECOMPUTE = ["none", "blocks"] as const;
/** One of {@linkcode RECOMPUTE}. */
export type Recompute = (typeof RECOMPUTE)[number];

/** What the caller says. What is left out comes from the recipe, then from the method. */
export interface PretrainOptions {
  /** Default: by the size of the stored images. */
  readonly recipe?: RecipeName | undefined;
  /** Default `ccmim`. */
  readonly method?: Method | undefined;
  /** Named size: sets width, depth and heads, and the patch unless the recipe fixes it. */
  readonly model?: SizeName | undefined;
  /** Width of the encoder. */
  readonly width?: number | undefined;
  /** Blocks of the encoder. */
  readonly depth?: number | undefined;
  /** Attention heads of a block of the encoder. */
  readonly heads?: number | undefined;
  /** Pixels a side of what the model sees. */
  readonly imageSize?: number | undefined;
  /** Pixels a side of a patch. */
  readonly patch?: number | undefined;
  /** Width of the decoder. */
  readonly decoderWidth?: number | undefined;
  /** Blocks of the decoder. */
  readonly decoderDepth?: number | undefined;
  /** Attention heads of a block of the decoder. */
  readonly decoderHeads?: number | undefined;
  /** How masked patches are chosen. */
  readonly sampling?: Sampling | undefined;
  /** Divides the scores that patches are ranked by, above 0; default 1. */
  readonly scoreTemperature?: number | undefined;
  /** Share of the patches that is masked, in (0, 1). */
  readonly maskRatio?: number | undefined;
  /** Weight of the alignment loss; 0 leaves the masked branch out. */
  readonly alignWeight?: number | undefined;
  /** Temperature of the contrast, above 0; default 0.5. */
  readonly alignTemperature?: number | undefined;
  /** Whether the masked branch is a fixed target or learns, too; default `target`. */
  readonly alignGradient?: AlignGradient | undefined;
  /** Whether target pixels are normalised per patch. */
  readonly normPixLoss?: boolean | undefined;
  /** Passes over the training images. Not together with `steps`. */
  readonly epochs?: number | undefined;
  /** Optimiser steps. Not together with `epochs`. */
  readonly steps?: number | undefined;
  /** Images of one micro-batch. `auto` must have become a number before the options are resolved. */
  readonly batch?: number | "auto" | undefined;
  /** Micro-batches of one optimiser step. */
  readonly accumulate?: number | undefined;
  /** Learning rate for 256 images a step. Not together with `lr`. */
  readonly baseLr?: number | undefined;
  /** Peak learning rate as it is. Not together with `baseLr`. */
  readonly lr?: number | undefined;
  /** Linear warm-up of the learning rate, shorter than the run. */
  readonly warmup?: Duration | undefined;
  /** AdamW's weight decay, at least 0. */
  readonly weightDecay?: number | undefined;
  /** Largest L2 norm of the whole gradient; no limit when left out. */
  readonly clipGrad?: number | undefined;
  /** Seed of everything random, in [0, 2^53); default 0. */
  readonly seed?: number | undefined;
  /** Threads of ONNX Runtime; all cores when left out. */
  readonly threads?: number | undefined;
  /** `auto` must have become a device before the options are resolved. Default the CPU. */
  readonly device?: DeviceOption | undefined;
  /** float32 when left out. */
  readonly precision?: Precision | undefined;
  /** Default `none`. */
  readonly recompute?: Recompute | undefined;
  /** From one checkpoint to the next; default an epoch. */
  readonly checkpointEvery?: Duration | undefined;
}

/** What every kind of training has in its configuration. */
export interface RunConfig {
  /** How long the run is, and how fast it learns. */
  readonly schedule: ScheduleConfig;
  /** The optimiser, with what it needs besides the learning rate. */
  readonly optimiser: Optimiser & {
    readonly weightDecay: number;
    /** Largest L2 norm of the whole gradient; null is no limit. */
    readonly clipGrad: number | null;
  };
  /** Images of one micro-batch. */
  readonly batch: number;
  /** Micro-batches of one optimiser step. */
  readonly accumulate: number;
  /** Seed of everything random. */
  readonly seed: number;
  /** Threads of ONNX Runtime. */
  readonly threads: number;
  /** Where the run computes. */
  readonly device: DeviceName;
  /** In what products compute. */
  readonly precision: Precision;
  /** What is kept for the backward pass. */
  readonly recompute: Recompute;
  /** Steps between two checkpoints. */
  readonly checkpointEvery: number;
}

/** How long a run is, and its learning rates. */
export interface ScheduleConfig {
  /** Optimiser steps of the whole run. */
  readonly steps: number;
  /** Passes over the training images: `steps / stepsPerEpoch`. */
  readonly epochs: number;
  /** Optimiser steps of an epoch; images that do not fill a last one are left out. */
  readonly stepsPerEpoch: number;
  /** Steps over which the learning rate rises from 0. */
  readonly warmupSteps: number;
  /** Learning rate for 256 images a step. */
  readonly baseLr: number;
  /** Peak: `baseLr * batch * accumulate / 256`. */
  readonly lr: number;
  /** Learning rate at the end. */
  readonly minLr: number;
}

/** A pretraining run with nothing left to decide. Plain JSON; what `config.json` holds. */
export interface PretrainConfig extends RunConfig, PretrainingConfig {
  /** The recipe that the defaults are of. */
  readonly recipe: RecipeName;
  /** The method that the defaults are of. */
  readonly method: Method;
  /** What random crops may be. */
  readonly crop: {
    /** Least and largest share of the image's area. */
    readonly scale: readonly [number, number];
    /** Least and largest width / height. */
    readonly ratio: readonly [number, number];
  };
}

/** The pretraining model's sizes. */
export type ModelConfig = PretrainingConfig["model"];

/** The caller asked for something that cannot be: a usage error. */
export class ConfigError extends Error {
  /** Name of the class. */
  override readonly name = "ConfigError";
}
