/** One micro-batch again, outside of its stream. */
import { Augmenter } from "./augment/augmenter.ts";
import { type BatchViews, batchViews } from "./batch.ts";
import { openDataset } from "./dataset.ts";
import { fillBatch } from "./fill.ts";
import type { LoaderTask } from "./loader.ts";
import { sampleOrder } from "./order.ts";

/** A micro-batch and where its images come from. */
export interface ReadBatch {
  readonly index: number;
  readonly epoch: number;
  readonly views: BatchViews;
  /** Path of each sample in the dataset's source. */
  readonly paths: readonly string[];
}

/**
 * Reads the micro-batch `index` of a stream as its data workers do.
 *
 * @throws {DataError} if the dataset cannot be read.
 *
 * @internal
 */
export function readBatch({ options, count, layout }: LoaderTask, index: number): ReadBatch {
  const { dataset: folder, split, shuffle, seed, crop, mix, augment } = options;
  using dataset = openDataset(folder);
  const source = dataset.split(split);
  const { epoch, place, samples } = sampleOrder({ ...options, count })(index);
  const views = batchViews(layout, new ArrayBuffer(layout.byteLength), 0);
  const augmenter = augment === null ? null : new Augmenter(dataset.manifest.size, augment);
  const key = { epoch: shuffle ? epoch : 0, place, samples, seed, crop, mix, augmenter };
  fillBatch(layout, views, source, key);
  return { index, epoch, views, paths: Array.from(samples, (sample) => source.path(sample)) };
}
