/** What a loader is asked to read. */
import type { AugmentOptions } from "./augment/augmenter.ts";
import type { CentreOptions, CropOptions } from "./crop.ts";
import type { SplitName } from "./manifest.ts";
import type { MixOptions } from "./mix.ts";

/** What a loader reads. */
export interface LoaderOptions {
  /** Folder of a packed dataset. */
  readonly dataset: string;
  readonly split: SplitName;
  /** Which samples of the split are read, in the order of an epoch that is not shuffled; all unless given. */
  readonly samples?: Uint32Array | null;
  /** Samples in a micro-batch. */
  readonly batch: number;
  /**
   * True reads every sample in each epoch: where they do not fill the last micro-batch it goes on with the epoch's first, and
   * {@linkcode MicroBatch.count} says how many belong to it. False, unless given, drops what is left over.
   */
  readonly fill?: boolean;
  /** Micro-batches in an epoch; as many whole ones as there are samples for unless given, or all with `fill`. */
  readonly microBatchesPerEpoch?: number;
  readonly seed: number;
  /** Index of the first micro-batch, counted through all epochs; 0 unless given. */
  readonly from?: number;
  /** Index at which reading ends; never unless given. */
  readonly until?: number;
  /** Noise values for each sample, L. */
  readonly tokens: number;
  /** Whether to read labels; not unless given. */
  readonly labels?: boolean;
  /** Uniform numbers for each sample beside noise, R; none unless given. */
  readonly draws?: number;
  /** How each batch is mixed; null, unless given, draws no mix. */
  readonly mix?: MixOptions | null;
  /**
   * What becomes of an image in the data worker after its crop and flip; the batch then holds images of that size, to be shown
   * whole. Null, unless given, leaves crop and flip to the graph.
   */
  readonly augment?: AugmentOptions | null;
  /** Random crops and flips, a central square, or null for whole images. */
  readonly crop: CropOptions | CentreOptions | null;
  /** False reads the split in its order, every epoch with the random numbers of epoch 0; true unless given. */
  readonly shuffle?: boolean;
  /** Micro-batches that are kept ahead, at the price of their memory; 3 unless given. */
  readonly slots?: number;
  /** Threads that read and decode; unless given one, or half as many as cores (8 at most) where JPEGs are decoded or images augmented. */
  readonly workers?: number;
}

/** All options; an absent end is `Infinity`. */
export type ResolvedOptions = Required<LoaderOptions>;
