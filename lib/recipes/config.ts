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
  readonly recipe?: RecipeName | undefined;
  readonly method?: Method | undefined;
  /** Named size: sets width, depth and heads, and the patch unless the recipe fixes it. */
  readonly model?: SizeName | undefined;
  readonly width?: number | undefined;
  readonly depth?: number | undefined;
  readonly heads?: number | undefined;
  /** Pixels a side of what the model sees. */
  readonly imageSize?: number | undefined;
  /** Pixels a side of a patch. */
  readonly patch?: number | undefined;
  readonly decoderWidth?: number | undefined;
  readonly decoderDepth?: number | undefined;
  readonly decoderHeads?: number | undefined;
  readonly sampling?: Sampling | undefined;
  readonly scoreTemperature?: number | undefined;
  /** Share of the patches that is masked, in (0, 1). */
  readonly maskRatio?: number | undefined;
  /** Weight of the alignment loss; 0 leaves the masked branch out. */
  readonly alignWeight?: number | undefined;
  readonly alignTemperature?: number | undefined;
  readonly alignGradient?: AlignGradient | undefined;
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
  readonly warmup?: Duration | undefined;
  readonly weightDecay?: number | undefined;
  /** Largest L2 norm of the whole gradient; no limit when left out. */
  readonly clipGrad?: number | undefined;
  readonly seed?: number | undefined;
  /** Threads of ONNX Runtime; all cores when left out. */
  readonly threads?: number | undefined;
  /** `auto` must have become a device before the options are resolved. Default the CPU. */
  readonly device?: DeviceOption | undefined;
  /** float32 when left out. */
  readonly precision?: Precision | undefined;
  readonly recompute?: Recompute | undefined;
  readonly checkpointEvery?: Duration | undefined;
}

/** What every kind of training has in its configuration. */
export interface RunConfig {
  readonly schedule: ScheduleConfig;
  readonly optimiser: Optimiser & {
    readonly weightDecay: number;
    /** Largest L2 norm of the whole gradient; null is no limit. */
    readonly clipGrad: number | null;
  };
  /** Images of one micro-batch. */
  readonly batch: number;
  /** Micro-batches of one optimiser step. */
  readonly accumulate: number;
  readonly seed: number;
  readonly threads: number;
  readonly device: DeviceName;
  readonly precision: Precision;
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
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  /** Learning rate for 256 images a step. */
  readonly baseLr: number;
  /** Peak: `baseLr * batch * accumulate / 256`. */
  readonly lr: number;
  readonly minLr: number;
}

/** A pretraining run with nothing left to decide. Plain JSON; what `config.json` holds. */
export interface PretrainConfig extends RunConfig, PretrainingConfig {
  readonly recipe: RecipeName;
  readonly method: Method;
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
  override readonly name = "ConfigError";
}
