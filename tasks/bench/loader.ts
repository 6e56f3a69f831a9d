/**
 * Times the loader alone in a process of its own: records are read (and JPEGs decoded), boxes and noise drawn, slots handed on;
 * nobody computes with them. Prints one JSON line. The dataset is in the page cache, as one pass goes before.
 */
import { parseArgs } from "node:util";
import { openDataset, openLoader } from "../../lib/data/mod.ts";

/** What one process measured. */
export interface LoaderFigures {
  readonly records_s: number;
  readonly records: number;
}

const { values } = parseArgs({
  options: {
    dataset: { type: "string", default: "" },
    batch: { type: "string", default: "128" },
    workers: { type: "string", default: "1" },
    seconds: { type: "string", default: "4" },
  },
});
const batch = Number(values.batch);
{
  using dataset = openDataset(values.dataset);
  dataset.verify();
}
using loader = await openLoader({
  dataset: values.dataset,
  split: "train",
  batch,
  seed: 0,
  tokens: 196,
  crop: { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] },
  workers: Number(values.workers),
});
const next = () => loader.release(loader.next());
for (let i = 0; i < loader.slots.length + 1; i++) next(); // those that were read ahead do not count
const began = performance.now();
let records = 0;
while (performance.now() - began < Number(values.seconds) * 1000) {
  next();
  records += batch;
}
const figures: LoaderFigures = { records_s: records * 1000 / (performance.now() - began), records };
console.log(JSON.stringify(figures));
