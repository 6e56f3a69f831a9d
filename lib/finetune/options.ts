/** What fine-tuning is told. What is left out comes from the recipe. */
import type { Pool } from "../features/mod.ts";
import type { PretrainOptions, ScheduleOptions } from "../recipes/mod.ts";
import type { FinetuneRecipeName } from "./recipes.ts";

/** Sizes of an encoder that starts from scratch, or to hold a checkpoint against; the image size may be another. */
export type FinetuneSizes = Pick<
  PretrainOptions,
  "model" | "width" | "depth" | "heads" | "imageSize" | "patch"
>;

/** Where and how fast it is computed, and what each step is. */
export type StepOptions = Pick<
  PretrainOptions,
  | "threads"
  | "device"
  | "precision"
  | "recompute"
  | "accumulate"
  | "weightDecay"
  | "clipGrad"
  | "seed"
>;

/** The options. */
export interface FinetuneOptions extends FinetuneSizes, StepOptions, ScheduleOptions {
  /** The recipe that the defaults are of. */
  readonly recipe?: FinetuneRecipeName | undefined;
  /** What the head reads. */
  readonly pool?: Pool | undefined;
  /** Take what matches of a checkpoint. */
  readonly partial?: boolean | undefined;
  /** Images of a micro-batch. `auto` must have become a number before the options are resolved. */
  readonly batch?: number | "auto" | undefined;
  /** Factor of the learning rate from one layer to the one below, in (0, 1]. */
  readonly layerDecay?: number | undefined;
  /** Rate of the last block, in [0, 1). */
  readonly dropPath?: number | undefined;
  /** Parameters of the Beta distributions; 0 is none. */
  readonly mixup?: number | undefined;
  /** Parameter of CutMix's Beta distribution; 0 is none. */
  readonly cutmix?: number | undefined;
  /** In [0, 1). */
  readonly labelSmoothing?: number | undefined;
  /** As in `rand-m9-mstd0.5-inc1`, or `none`. */
  readonly randAugment?: string | undefined;
  /** Probability of random erasing. */
  readonly erasing?: number | undefined;
  /** Least share of an image's area that a crop shows, in (0, 1]. */
  readonly cropScale?: number | undefined;
  /** Decay of the moving average, in [0, 1). */
  readonly ema?: number | undefined;
  /** Share of the training images that say which epoch is best, where there is no `val` split. */
  readonly holdOut?: number | undefined;
}
