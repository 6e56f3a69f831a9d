/** What a probe is told, and what it is once every default is filled in. */
import type { CropOptions } from "../data/mod.ts";
import type { FeatureKind, FeatureLayers, Pool } from "../features/mod.ts";
import type { Optimiser } from "../optim/mod.ts";
import type { DeviceName, PretrainOptions, RunConfig, ScheduleOptions } from "../recipes/mod.ts";
import type { EncoderConfig } from "../vit/mod.ts";
import type { JUDGING } from "./samples.ts";

/**
 * How an encoder is probed: a linear layer is trained on its features, their nearest neighbours vote, or its last blocks are
 * trained as well.
 */
export const PROBE_KINDS = ["linear", "knn", "partial"] as const;
/** One of {@linkcode PROBE_KINDS}. */
export type ProbeKind = (typeof PROBE_KINDS)[number];

/** Optimisers of a probe. */
export const PROBE_OPTIMISERS = ["lars", "adamw"] as const satisfies readonly Optimiser["kind"][];
/** One of {@linkcode PROBE_OPTIMISERS}. */
export type ProbeOptimiser = (typeof PROBE_OPTIMISERS)[number];

/** The split that a probe is judged by. */
export type JudgingSplit = (typeof JUDGING)[number];

/** Sizes of an encoder: of a random one, or to hold a checkpoint against. */
type SizeOptions = Pick<
  PretrainOptions,
  "model" | "width" | "depth" | "heads" | "imageSize" | "patch"
>;

/** Where and how fast it is computed. */
type MachineOptions = Pick<PretrainOptions, "threads" | "device" | "precision">;

/** What the caller says; what is left out has a default. */
export interface ProbeOptions extends SizeOptions, MachineOptions, ScheduleOptions {
  readonly kind?: ProbeKind | undefined;
  readonly pool?: Pool | undefined;
  readonly layers?: FeatureLayers | undefined;
  /** Features are taken once, and many learning rates tried on them. */
  readonly cache?: boolean | undefined;
  /** Take what matches of a checkpoint. */
  readonly partial?: boolean | undefined;
  /** `test` where there is one, else `val`. */
  readonly split?: JudgingSplit | undefined;
  /** Images of each class to learn from; all unless given. */
  readonly labelsPerClass?: number | undefined;
  /** Seeds of all that is drawn; the result is their mean. */
  readonly seeds?: readonly number[] | undefined;
  /** Neighbours that vote. */
  readonly k?: number | undefined;
  /** T of their votes. */
  readonly temperature?: number | undefined;
  /** Last blocks that are trained. */
  readonly blocks?: number | undefined;
  readonly optimiser?: ProbeOptimiser | undefined;
  readonly weightDecay?: number | undefined;
  readonly batch?: number | undefined;
  readonly accumulate?: number | undefined;
  /** Learning rates for 256 images a step that are tried on cached features. */
  readonly baseLrs?: readonly number[] | undefined;
  /** Share of the training images that says which of them is best. */
  readonly holdOut?: number | undefined;
}

/** What every probe's result depends on. */
interface ProbeCommon {
  readonly features: FeatureKind;
  readonly split: JudgingSplit;
  readonly labelsPerClass: number | null;
  readonly seeds: readonly number[];
  readonly model: EncoderConfig;
  /** Images that the encoder sees at a time. */
  readonly batch: number;
  readonly threads: number;
  readonly device: DeviceName;
  readonly precision: RunConfig["precision"];
}

/** Nearest neighbours. Plain JSON, as all of these. */
export interface KnnConfig extends ProbeCommon {
  readonly kind: "knn";
  readonly k: number;
  readonly temperature: number;
}

/** A linear layer on features that are taken once, without augmentation. */
export interface CachedConfig extends ProbeCommon {
  readonly kind: "cached";
  readonly optimiser: Optimiser;
  readonly weightDecay: number;
  readonly epochs: number;
  readonly warmupEpochs: number;
  /** Images of a step. */
  readonly stepImages: number;
  /** Peak learning rates that are tried. */
  readonly lrs: readonly number[];
  readonly holdOut: number;
}

/** Training on augmented images: of a linear layer, and of the last blocks if `blocks` is not 0. One seed's run. */
export interface LinearConfig extends RunConfig {
  readonly kind: "linear" | "partial";
  readonly features: FeatureKind;
  readonly split: JudgingSplit;
  readonly labelsPerClass: number | null;
  readonly blocks: number;
  readonly model: EncoderConfig;
  /** Whether the encoder's norm comes after the mean of its patches. */
  readonly pooledNorm: boolean;
  readonly classes: number;
  readonly crop: CropOptions;
  /** Images to learn from. */
  readonly trainCount: number;
  /** SHA-256 of the checkpoint's file; null for random weights. */
  readonly checkpoint: string | null;
  /** The options that it came from, for who goes on. */
  readonly given: ProbeOptions;
}

/** A probe with nothing left to decide; of several seeds, the first one's. */
export type ProbeConfig = KnnConfig | CachedConfig | LinearConfig;
