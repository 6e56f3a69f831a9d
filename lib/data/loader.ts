/**
 * Micro-batches read ahead of the training step: data workers fill slots of shared memory, each its rows of every one, the
 * consumer waits for them with blocking calls and never touches a pixel. What a micro-batch holds is a pure function of the
 * dataset, the options and its index, whatever the number of workers.
 */
import {
  type BatchLayout,
  batchLayout,
  type BatchSizes,
  type BatchViews,
  batchViews,
} from "./batch.ts";
import { checkAugment } from "./augment/augmenter.ts";
import { checkCrop } from "./crop.ts";
import { startDataWorkers } from "./data_workers.ts";
import { openDataset } from "./dataset.ts";
import { DataError } from "./error.ts";
import type { Manifest } from "./manifest.ts";
import type { LoaderOptions, ResolvedOptions } from "./loader_options.ts";
import { allMicroBatches, sampleOrder, wholeMicroBatches } from "./order.ts";
import { Ring, ringMemory } from "./ring.ts";

export type { LoaderOptions };

/** A micro-batch that is ready in a slot. */
export interface MicroBatch {
  /** Counted through all epochs. */
  readonly index: number;
  /** Epoch that the batch is of, from 0. */
  readonly epoch: number;
  /** Its first so many samples belong to it: all, but for the last micro-batch of an epoch that is filled up. */
  readonly count: number;
  /** Which of the loader's slots it lies in. */
  readonly slot: number;
}

/** Where a slot lies. */
export interface SlotMemory {
  /** From the start of the loader's memory. */
  readonly byteOffset: number;
  /** The fields, as arrays over the slot. */
  readonly views: BatchViews;
}

/** An open loader. Its memory stays valid after it is closed. */
export interface Loader extends Disposable {
  /** Where the fields of a slot lie. */
  readonly layout: BatchLayout;
  /** All slots. */
  readonly memory: SharedArrayBuffer;
  /** Each slot within the memory. */
  readonly slots: readonly SlotMemory[];
  /** Micro-batches that an epoch has. */
  readonly microBatchesPerEpoch: number;
  /** Seconds that `next` has blocked so far. */
  readonly waited: number;
  /**
   * The next micro-batch, blocking until it is there. The slot is the caller's until it is released.
   *
   * @throws {DataError} if the dataset cannot be read.
   * @throws {RangeError} after the last micro-batch, or if the slot it would lie in is still held.
   * @throws {TypeError} once closed.
   */
  next(): MicroBatch;
  /** Let a micro-batch's slot be filled again. @throws {RangeError} if it is not held. */
  release(microBatch: MicroBatch): void;
  /** Stop the data workers. */
  close(): void;
}

/** What the data workers are told when they start. */
export interface LoaderTask {
  /** What the loader was opened with, with every default. */
  readonly options: ResolvedOptions;
  /** Samples that are read. */
  readonly count: number;
  /** Where the fields of a slot lie. */
  readonly layout: BatchLayout;
  /** All slots. */
  readonly memory: SharedArrayBuffer;
  /** Where the slots start in the memory. */
  readonly offsets: readonly number[];
}

/**
 * Plan a loader, start its data workers and wait until they run. From then on neither side needs an event loop.
 *
 * A Worker that starts a Worker waits about a second for it (Deno 2.9), so a thread that has other things to wait for plans and
 * starts on the main thread, and attaches to the task where it reads.
 *
 * @throws {DataError} if the dataset cannot be opened or has no such split.
 * @throws {RangeError} if an option is out of its range, or the split has too few samples.
 *
 * @example
 * ```ts
 * import { openLoader } from "./mod.ts";
 *
 * using loader = await openLoader({
 *   dataset: "dataset",
 *   split: "train",
 *   batch: 4,
 *   tokens: 64, // random numbers an image, for masking
 *   seed: 0,
 *   crop: { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] },
 * });
 * const microBatch = loader.next();
 * const { images } = loader.slots[microBatch.slot]!.views; // uint8 [4, S, S, 3]
 * console.log(images.length);
 * loader.release(microBatch);
 * ```
 */
export async function openLoader(options: LoaderOptions): Promise<Loader> {
  const task = planLoader(options);
  await startDataWorkers(task);
  return attachLoader(task);
}

/**
 * Check the options against the dataset and allocate the slots. The task can be posted to other threads; they share its
 * memory.
 *
 * @throws {DataError} if the dataset cannot be opened or has no such split.
 * @throws {RangeError} if an option is out of its range, or the split has too few samples.
 *
 * @internal
 */
export function planLoader(given: LoaderOptions): LoaderTask {
  using dataset = openDataset(given.dataset);
  const split = dataset.split(given.split);
  const count = given.samples?.length ?? split.count;
  for (const sample of given.samples ?? []) split.label(sample); // checks that it is there
  const microBatches = given.fill ? allMicroBatches : wholeMicroBatches;
  const options: ResolvedOptions = {
    samples: null,
    fill: false,
    labels: false,
    draws: 0,
    mix: null,
    augment: null,
    from: 0,
    until: Infinity,
    shuffle: true,
    slots: 3,
    workers: defaultWorkers(dataset.manifest, given),
    microBatchesPerEpoch: microBatches(count, given.batch),
    ...given,
  };
  const { from, until, crop, slots, workers } = options;
  if (!Number.isSafeInteger(from) || from < 0 || until < from) {
    throw new RangeError(
      `Cannot read micro-batches from ${from} until ${until}: 0 <= from <= until is needed`,
    );
  }
  if (crop !== null && "scale" in crop) checkCrop(crop);
  const mixes = options.mix !== null;
  const size = checkAugment(options.augment)?.imageSize ?? dataset.manifest.size;
  const layout = batchLayout({ ...sizesOf(options), size, mixes });
  sampleOrder({ ...options, count }); // checks that an epoch fits
  const memory = ringMemory({ slots, slotBytes: layout.byteLength, producers: workers });
  return { options, count, layout, ...memory };
}

function sizesOf({ batch, tokens, labels, draws }: ResolvedOptions): Omit<BatchSizes, "size"> {
  return { batch, tokens, labels, draws };
}

function defaultWorkers({ store }: Manifest, { augment = null }: LoaderOptions): number {
  if (store.kind === "raw" && augment === null) return 1;
  return Math.max(1, Math.min(8, navigator.hardwareConcurrency >> 1));
}

/**
 * The consumer's side of a task whose data workers were started, by this thread or another.
 *
 * @internal
 */
export function attachLoader({ options, count, layout, memory, offsets }: LoaderTask): Loader {
  const { from, until, slots, workers, batch, microBatchesPerEpoch } = options;
  const ring = new Ring(memory, slots, workers);
  const held = new Map<number, number>(); // slot to index
  let index = from;
  let waited = 0;
  let closed = false;

  const next = (): MicroBatch => {
    if (closed) throw new TypeError("Cannot take a micro-batch: the loader is closed");
    if (index >= until) {
      throw new RangeError(`Cannot take micro-batch ${index}: ${until} is the end`);
    }
    const slot = (index - from) % slots;
    if (held.has(slot)) {
      throw new RangeError(`Cannot take micro-batch ${index}: slot ${slot} must be released first`);
    }
    const began = performance.now();
    const failure = ring.waitReady(index - from);
    waited += (performance.now() - began) / 1000;
    if (failure?.data) throw new DataError(failure.message);
    if (failure) throw new Error(`The data worker failed: ${failure.message}`);
    held.set(slot, index);
    const epoch = Math.floor(index / microBatchesPerEpoch);
    const before = index % microBatchesPerEpoch * batch;
    return { index: index++, epoch, count: Math.min(batch, count - before), slot };
  };
  const release = ({ index, slot }: MicroBatch): void => {
    if (held.get(slot) !== index) {
      throw new RangeError(`Cannot release micro-batch ${index}: it is not held`);
    }
    held.delete(slot);
    ring.release(index - from);
  };
  const close = (): void => {
    closed = true;
    ring.close();
  };
  return {
    layout,
    memory,
    slots: offsets.map((byteOffset) => ({
      byteOffset,
      views: batchViews(layout, memory, byteOffset),
    })),
    microBatchesPerEpoch,
    get waited() {
      return waited;
    },
    next,
    release,
    close,
    [Symbol.dispose]: close,
  };
}
