/** The streams of micro-batches of a run: images to train on, and images held out. */
import {
  attachLoader,
  type CropOptions,
  evaluationCrop,
  type Loader,
  type LoaderOptions,
  type LoaderTask,
  openDataset,
  planLoader,
  startDataWorkers,
} from "../data/mod.ts";
import type { PretrainConfig, RunConfig } from "../recipes/mod.ts";
import { patchCount } from "../vit/mod.ts";

/** What a run reads, by name. Can be posted to other threads, which share its memory. */
export interface Streams {
  readonly train: LoaderTask;
  readonly [name: string]: LoaderTask;
}

/** {@linkcode Streams} of pretraining. */
export interface PretrainStreams extends Streams {
  /** The `val` split; the training images if less than a micro-batch is held out, since a mean level is measured anyway. */
  readonly heldOut: LoaderTask;
}

/** What pretraining's streams depend on in the dataset. */
export interface PretrainFacts {
  readonly isHeldOut: boolean;
  /** Images of the splits. */
  readonly counts: { readonly train: number; readonly val: number };
}

/** Where a run is, and what reads for it. */
export interface ReadingOptions {
  /** Optimiser steps that are done. */
  readonly done: number;
  /** Threads of each stream. */
  readonly dataWorkers?: number;
}

/**
 * Plans what pretraining reads after `done` steps.
 *
 * @throws {DataError} if the dataset cannot be opened.
 */
export function planPretrainStreams(
  dataset: string,
  config: PretrainConfig,
  reading: ReadingOptions,
): { streams: PretrainStreams; facts: PretrainFacts; storedSize: number } {
  const { model, batch, seed, crop } = config;
  using opened = openDataset(dataset);
  const { size: storedSize, splits } = opened.manifest;
  const counts = { train: splits.train?.count ?? 0, val: splits.val?.count ?? 0 };
  const isHeldOut = counts.val >= batch;
  const tokens = patchCount(model);
  const streams = {
    train: planTraining(config, { dataset, tokens, crop }, reading),
    heldOut: planLoader({
      ...workersOf(reading),
      dataset,
      batch,
      seed,
      tokens,
      split: isHeldOut ? "val" : "train",
      crop: evaluationCrop(model.imageSize, storedSize),
      shuffle: false,
      slots: 2,
    }),
  };
  return { streams, facts: { isHeldOut, counts }, storedSize };
}

/** Plans what training reads of the `train` split after `done` steps. */
export function planTraining(
  { schedule, batch, accumulate, seed }: RunConfig,
  options:
    & Pick<LoaderOptions, "dataset" | "samples" | "tokens" | "labels" | "draws" | "mix">
    & { readonly crop: CropOptions },
  { done, ...reading }: ReadingOptions,
): LoaderTask {
  return planLoader({
    ...workersOf(reading),
    batch,
    seed,
    split: "train",
    ...options,
    microBatchesPerEpoch: schedule.stepsPerEpoch * accumulate,
    from: done * accumulate,
    until: Math.max(schedule.steps, done) * accumulate,
  });
}

/** The loader's number of workers, if one is given. */
export function workersOf(
  { dataWorkers }: Pick<ReadingOptions, "dataWorkers">,
): Pick<LoaderOptions, "workers"> {
  return dataWorkers === undefined ? {} : { workers: dataWorkers };
}

/** Starts the data workers; they end when what is returned is disposed, or all loaders are closed. */
export async function startStreams(streams: Streams): Promise<Disposable> {
  const tasks = Object.values(streams);
  await Promise.all(tasks.map(startDataWorkers));
  return { [Symbol.dispose]: () => tasks.forEach((task) => attachLoader(task).close()) };
}

/** Attaches to started streams, in the thread that trains. */
export function attachStreams<S extends Streams>(
  streams: S,
): { readonly [K in keyof S]: Loader } {
  const loaders = Object.entries(streams).map(([name, task]) => [name, attachLoader(task)]);
  return Object.fromEntries(loaders);
}
