/** The two streams of micro-batches of a run: images to train on, and images held out. */
import {
  attachLoader,
  type Loader,
  type LoaderTask,
  openDataset,
  planLoader,
  startDataWorkers,
} from "../data/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { patchCount } from "../vit/mod.ts";

/** What a run reads. Can be posted to other threads, which share its memory. */
export interface Streams {
  readonly train: LoaderTask;
  /** The `val` split; the training images if less than a micro-batch is held out, since a mean level is measured anyway. */
  readonly heldOut: LoaderTask;
  readonly isHeldOut: boolean;
  /** Images of the splits. */
  readonly counts: { readonly train: number; readonly val: number };
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
}

/** Where a run is, and what reads for it. */
export interface ReadingOptions {
  /** Optimiser steps that are done. */
  readonly done: number;
  /** Threads of each stream. */
  readonly dataWorkers?: number;
}

/**
 * Plans what a run reads after `done` steps.
 *
 * @throws {DataError} if the dataset cannot be opened.
 */
export function planStreams(
  dataset: string,
  config: PretrainConfig,
  { done, dataWorkers }: ReadingOptions,
): Streams {
  const { model, schedule, batch, accumulate, seed } = config;
  using opened = openDataset(dataset);
  const { size: storedSize, splits } = opened.manifest;
  const counts = { train: splits.train?.count ?? 0, val: splits.val?.count ?? 0 };
  const isHeldOut = counts.val >= batch;
  const workers = dataWorkers === undefined ? {} : { workers: dataWorkers };
  const reading = { dataset, batch, seed, tokens: patchCount(model), ...workers };
  return {
    train: planLoader({
      ...reading,
      split: "train",
      crop: config.crop,
      microBatchesPerEpoch: schedule.stepsPerEpoch * accumulate,
      from: done * accumulate,
      until: Math.max(schedule.steps, done) * accumulate,
    }),
    heldOut: planLoader({
      ...reading,
      split: isHeldOut ? "val" : "train",
      crop: centreOf(model.imageSize, storedSize),
      shuffle: false,
      slots: 2,
    }),
    isHeldOut,
    counts,
    storedSize,
  };
}

/** The central square that evaluation looks at, as a share of the shorter side: up to 224 pixels are cut out of n/0.875. */
function centreOf(imageSize: number, storedSize: number): { centre: number } | null {
  if (imageSize === storedSize) return null;
  return { centre: imageSize > 224 ? 1 : 0.875 };
}

/** Starts the data workers; they end when what is returned is disposed, or both loaders are closed. */
export async function startStreams({ train, heldOut }: Streams): Promise<Disposable> {
  const tasks = [train, heldOut];
  await Promise.all(tasks.map(startDataWorkers));
  return { [Symbol.dispose]: () => tasks.forEach((task) => attachLoader(task).close()) };
}

/** Attaches to started streams, in the thread that trains. */
export function attachStreams({ train, heldOut }: Streams): { train: Loader; heldOut: Loader } {
  return { train: attachLoader(train), heldOut: attachLoader(heldOut) };
}
