/// <reference lib="deno.worker" />
import { type LoaderOptions, openLoader } from "../../lib/data/loader.ts";

/** A trainer: opens a loader inside a worker, then blocks this worker until it has read everything. */
self.onmessage = async ({ data }: MessageEvent<LoaderOptions & { until: number }>) => {
  using loader = await openLoader(data);
  const read: number[][] = [];
  for (let n = data.from ?? 0; n < data.until; n++) {
    const microBatch = loader.next();
    read.push([...loader.slots[microBatch.slot]!.views.samples]);
    loader.release(microBatch);
  }
  self.postMessage(read);
};
