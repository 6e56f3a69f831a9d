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
export type SizeOptions = Pick<
  PretrainOptions,
  "model" | "width" | "depth" | "heads" | "imageSize" | "patch"
>;

/** Where and how fast it is computed. */
export type MachineOptions = Pick<PretrainOptions, "threads" | "device" | "precision">;

/** What the caller says; what is left out has a default. */
export interface ProbeOptions extends SizeOptions, MachineOptions, ScheduleOptions {
  /** Which way of probing. */
  readonly kind?: ProbeKind | undefined;
  /** What stands for an image. */
  readonly pool?: Pool | undefined;
  /** Of which blocks. */
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
  /** The optimiser. */
  readonly optimiser?: ProbeOptimiser | undefined;
  /** Weight decay, at least 0. */
  readonly weightDecay?: number | undefined;
  /** Images of a micro-batch. `auto` must have become a number before the options are resolved. */
  readonly batch?: number | "auto" | undefined;
  /** Micro-batches of a step. */
  readonly accumulate?: number | undefined;
  /** Learning rates for 256 images a step that are tried on cached features. */
  readonly baseLrs?: readonly number[] | undefined;
  /** Share of the training images that says which of them is best. */
  readonly holdOut?: number | undefined;
}

/** What every probe's result depends on. */
export interface ProbeCommon {
  /** Which features. */
  readonly features: FeatureKind;
  /** The split that judges. */
  readonly split: JudgingSplit;
  /** Images of each class that are learnt from; null is all. */
  readonly labelsPerClass: number | null;
  /** Seeds of all that is drawn. */
  readonly seeds: readonly number[];
  /** Sizes of the encoder. */
  readonly model: EncoderConfig;
  /** Images that the encoder sees at a time. */
  readonly batch: number;
  /** Threads of ONNX Runtime. */
  readonly threads: number;
  /** Where it is computed, and why. */
  readonly device: DeviceName;
  /** In what products compute. */
  readonly precision: RunConfig["precision"];
}

/** Nearest neighbours. Plain JSON, as all of these. */
export interface KnnConfig extends ProbeCommon {
  /** Which way of probing. */
  readonly kind: "knn";
  /** Neighbours that vote. */
  readonly k: number;
  /** A vote weighs exp(cosine / temperature). */
  readonly temperature: number;
}

/** A linear layer on features that are taken once, without augmentation. */
export interface CachedConfig extends ProbeCommon {
  /** Which way of probing. */
  readonly kind: "cached";
  /** The optimiser. */
  readonly optimiser: Optimiser;
  /** Weight decay, at least 0. */
  readonly weightDecay: number;
  /** Passes over the training images. */
  readonly epochs: number;
  /** Of these, with a rising learning rate. */
  readonly warmupEpochs: number;
  /** Images of a step. */
  readonly stepImages: number;
  /** Peak learning rates that are tried. */
  readonly lrs: readonly number[];
  /** Share of the training images that says which learning rate is best. */
  readonly holdOut: number;
}

/** Training on augmented images: of a linear layer, and of the last blocks if `blocks` is not 0. One seed's run. */
export interface LinearConfig extends RunConfig {
  /** Which way of probing. */
  readonly kind: "linear" | "partial";
  /** Which features. */
  readonly features: FeatureKind;
  /** The split that judges. */
  readonly split: JudgingSplit;
  /** Images of each class that are learnt from; null is all. */
  readonly labelsPerClass: number | null;
  /** Last blocks of the encoder that are trained; 0 is none. */
  readonly blocks: number;
  /** Sizes of the encoder. */
  readonly model: EncoderConfig;
  /** Whether the encoder's norm comes after the mean of its patches. */
  readonly pooledNorm: boolean;
  /** Number of classes. */
  readonly classes: number;
  /** What random crops may be. */
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
