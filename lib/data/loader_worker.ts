/** A data worker: fills its rows of every slot of a ring until it is told to stop. Started by `openLoader`, never imported. */
/// <reference lib="deno.worker" />
import { Augmenter } from "./augment/augmenter.ts";
import { batchViews } from "./batch.ts";
import { openDataset } from "./dataset.ts";
import { DataError } from "./error.ts";
import { fillBatch } from "./fill.ts";
import type { DataWorkerTask } from "./data_workers.ts";
import { sampleOrder } from "./order.ts";
import { Ring } from "./ring.ts";

self.onmessage = ({ data: task }: MessageEvent<DataWorkerTask>) => {
  self.postMessage("running"); // the last message; from here on this thread blocks
  run(task);
  self.close();
};

function run({ options, count, layout, memory, offsets, worker }: DataWorkerTask): void {
  const { from, until, slots, workers, batch, crop, mix, augment, shuffle, seed } = options;
  const ring = new Ring(memory, slots, workers);
  const share = (part: number) => Math.floor(part * batch / workers);
  const rows = { begin: share(worker), end: share(worker + 1) };
  let item = 0;
  try {
    using dataset = openDataset(options.dataset);
    const source = dataset.split(options.split);
    const augmenter = augment === null ? null : new Augmenter(dataset.manifest.size, augment);
    const samplesOf = sampleOrder({ ...options, count });
    const views = offsets.map((offset) => batchViews(layout, memory, offset));
    for (; from + item < until; item++) {
      if (!ring.waitFree(item)) return;
      const { epoch, place, samples } = samplesOf(from + item);
      const key = { epoch: shuffle ? epoch : 0, place, samples, seed, crop, mix, augmenter };
      fillBatch(layout, views[item % slots]!, source, key, rows);
      ring.publish(item);
    }
  } catch (error) {
    const data = error instanceof DataError;
    ring.fail(item, worker, { data, message: data ? error.message : Deno.inspect(error) });
  }
}
