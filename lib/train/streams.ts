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
import { type ReadingOptions, workersOf } from "./reading.ts";
import { type KnnFacts, type KnnStreams, planKnnStreams } from "./knn_streams.ts";
import type { PretrainConfig, RunConfig } from "../recipes/mod.ts";
import { patchCount } from "../vit/mod.ts";

export { type ReadingOptions, workersOf };

/** What a run reads, by name. Can be posted to other threads, which share its memory. */
export interface Streams {
  readonly train: LoaderTask;
  readonly [name: string]: LoaderTask;
}

/** {@linkcode Streams} of pretraining. */
export interface PretrainStreams extends Streams, Partial<KnnStreams> {
  /** The `val` split; the training images if less than a micro-batch is held out, since a mean level is measured anyway. */
  readonly heldOut: LoaderTask;
}

/** What pretraining's streams depend on in the dataset. */
export interface PretrainFacts {
  readonly isHeldOut: boolean;
  /** Images of the splits. */
  readonly counts: { readonly train: number; readonly val: number };
  /** The subset that nearest neighbours are followed on; null if they are not. */
  readonly knn: KnnFacts | null;
}

/**
 * Plans what pretraining reads after `done` steps.
 *
 * @throws {DataError} if the dataset cannot be opened.
 */
export function planPretrainStreams(
  dataset: string,
  config: PretrainConfig,
  reading: ReadingOptions & { readonly knnEvery?: number | undefined },
): { streams: PretrainStreams; facts: PretrainFacts; storedSize: number } {
  const { model, batch, seed, crop } = config;
  using opened = openDataset(dataset);
  const { size: storedSize, splits } = opened.manifest;
  const counts = { train: splits.train?.count ?? 0, val: splits.val?.count ?? 0 };
  const isHeldOut = counts.val >= batch;
  const tokens = patchCount(model);
  const { knnEvery } = reading;
  const knn = knnEvery === undefined
    ? null
    : planKnnStreams(dataset, config, { ...reading, every: knnEvery });
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
    ...knn?.streams,
  };
  return { streams, facts: { isHeldOut, counts, knn: knn?.facts ?? null }, storedSize };
}

/**
 * Plans what training reads of the `train` split after `done` steps.
 *
 * @internal
 */
export function planTraining(
  { schedule, batch, accumulate, seed }: RunConfig,
  options:
    & Pick<LoaderOptions, "dataset" | "samples" | "tokens" | "labels" | "draws" | "mix" | "augment">
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

/**
 * Starts the data workers; they end when what is returned is disposed, or all loaders are closed.
 *
 * @internal
 */
export async function startStreams(streams: Streams): Promise<Disposable> {
  const tasks = Object.values(streams);
  await Promise.all(tasks.map(startDataWorkers));
  return { [Symbol.dispose]: () => tasks.forEach((task) => attachLoader(task).close()) };
}

/**
 * Attaches to started streams, in the thread that trains.
 *
 * @internal
 */
export function attachStreams<S extends Streams>(
  streams: S,
): { readonly [K in keyof S]: Loader } {
  const loaders = Object.entries(streams).map(([name, task]) => [name, attachLoader(task)]);
  return Object.fromEntries(loaders);
}
