/** The data worker: fills the slots of a ring until it is told to stop. Started by `openLoader`, never imported. */
/// <reference lib="deno.worker" />
import { batchViews } from "./batch.ts";
import { openDataset } from "./dataset.ts";
import { DataError } from "./error.ts";
import { fillBatch } from "./fill.ts";
import type { LoaderTask } from "./loader.ts";
import { sampleOrder } from "./order.ts";
import { Ring } from "./ring.ts";

self.onmessage = ({ data: task }: MessageEvent<LoaderTask>) => {
  self.postMessage("running"); // the last message; from here on this thread blocks
  run(task);
  self.close();
};

function run({ options, count, layout, memory, offsets }: LoaderTask): void {
  const { from, until, slots, crop, shuffle, seed } = options;
  const ring = new Ring(memory, slots);
  let slot = 0;
  try {
    using dataset = openDataset(options.dataset);
    const source = dataset.split(options.split);
    const samplesOf = sampleOrder({ ...options, count });
    const views = offsets.map((offset) => batchViews(layout, memory, offset));
    for (let index = from; index < until; index++) {
      slot = (index - from) % slots;
      if (!ring.waitFree(slot)) return;
      const { epoch, samples } = samplesOf(index);
      fillBatch(layout, views[slot]!, source, { epoch: shuffle ? epoch : 0, samples, seed, crop });
      ring.publish(slot);
    }
  } catch (error) {
    const data = error instanceof DataError;
    ring.fail(slot, { data, message: data ? error.message : Deno.inspect(error) });
  }
}
