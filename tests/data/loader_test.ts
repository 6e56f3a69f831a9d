import { deepEqual, equal, notDeepEqual, ok, rejects, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { batchViews } from "../../lib/data/batch.ts";
import { DataError } from "../../lib/data/error.ts";
import { startDataWorkers } from "../../lib/data/data_workers.ts";
import { attachLoader, type LoaderOptions, openLoader, planLoader } from "../../lib/data/loader.ts";
import { sampleOrder } from "../../lib/data/order.ts";
import { CROPS, record, writePacked } from "./packed.ts";

const SIZE = 6, COUNT = 23;

/** Runs `body` on a dataset of 23 images in shards of 5, and the options to read it in batches of 4. */
async function withDataset(body: (options: LoaderOptions) => Promise<void>): Promise<void> {
  const dataset = Deno.makeTempDirSync();
  try {
    const images = Array.from({ length: COUNT }, (_, i) => ({ width: 8 + i, height: 9 }));
    writePacked(dataset, { size: SIZE, images, perShard: 5 });
    await body({ dataset, split: "train", batch: 4, seed: 1, tokens: 7, crop: CROPS });
  } finally {
    Deno.removeSync(dataset, { recursive: true });
  }
}

/** Digest of each micro-batch's slot, padding included. */
async function digests(options: LoaderOptions & { until: number }): Promise<string[]> {
  using loader = await openLoader(options);
  const found: string[] = [];
  for (let n = options.from ?? 0; n < options.until; n++) {
    const microBatch = loader.next();
    equal(microBatch.index, n);
    const { byteOffset } = loader.slots[microBatch.slot]!;
    const bytes = new Uint8Array(loader.memory, byteOffset, loader.layout.byteLength);
    found.push(createHash("sha256").update(bytes).digest("hex"));
    loader.release(microBatch);
  }
  return found;
}

Deno.test("openLoader() yields records, samples and epochs in the seeded order", () =>
  withDataset(async (options) => {
    const samplesOf = sampleOrder({
      seed: 1,
      count: COUNT,
      batch: 4,
      microBatchesPerEpoch: 5,
      shuffle: true,
    });
    using loader = await openLoader(options);
    equal(loader.microBatchesPerEpoch, 5);
    for (let n = 0; n < 12; n++) {
      const microBatch = loader.next();
      equal(microBatch.epoch, Math.floor(n / 5));
      const { byteOffset, views } = loader.slots[microBatch.slot]!;
      deepEqual([...views.samples], [...samplesOf(n).samples]);
      deepEqual(batchViews(loader.layout, loader.memory, byteOffset).images, views.images);
      views.samples.forEach((sample, b) =>
        deepEqual([...views.images.slice(b * 108, (b + 1) * 108)], [...record(sample, SIZE)])
      );
      loader.release(microBatch);
    }
    ok(loader.waited > 0 && loader.waited < 60);
  }));

Deno.test("openLoader() yields the same bytes with any number of slots and from anywhere", () =>
  withDataset(async (options) => {
    const all = await digests({ ...options, until: 13 });
    equal(new Set(all).size, 13);
    deepEqual(await digests({ ...options, until: 13, slots: 1 }), all);
    deepEqual(await digests({ ...options, until: 13, slots: 5 }), all);
    deepEqual(await digests({ ...options, from: 7, until: 13, slots: 2 }), all.slice(7));
    notDeepEqual(await digests({ ...options, until: 13, seed: 2 }), all);
  }));

Deno.test("openLoader() yields the same bytes with any number of workers", () =>
  withDataset(async (options) => {
    const all = await digests({ ...options, until: 13 });
    for (const [workers, slots] of [[2, 3], [3, 1], [6, 2]] as const) { // six for four rows
      deepEqual(await digests({ ...options, workers, slots, until: 13 }), all, `${workers}`);
    }
  }));

Deno.test("openLoader() repeats a split in its order without shuffle", () =>
  withDataset(async (options) => {
    const found = await digests({ ...options, shuffle: false, crop: null, until: 10 });
    deepEqual(found.slice(5), found.slice(0, 5));
    equal(new Set(found).size, 5);
  }));

Deno.test("openLoader() reads every sample once an epoch if the last micro-batch is filled up", () =>
  withDataset(async (options) => {
    using loader = await openLoader({ ...options, batch: 9, fill: true });
    equal(loader.microBatchesPerEpoch, 3);
    for (const epoch of [0, 1]) {
      const read = [9, 9, 5].flatMap((expected) => {
        const microBatch = loader.next();
        equal(microBatch.epoch, epoch);
        equal(microBatch.count, expected);
        const samples = [...loader.slots[microBatch.slot]!.views.samples];
        loader.release(microBatch);
        equal(samples.length, 9);
        return samples.slice(0, expected);
      });
      deepEqual(read.sort((a, b) => a - b), Array.from({ length: COUNT }, (_, i) => i));
    }
  }));

Deno.test("openLoader() reads the samples that are named, as they are among all", () =>
  withDataset(async (options) => {
    const whole = { ...options, shuffle: false, batch: 1 };
    const all = await digests({ ...whole, until: COUNT });
    const samples = Uint32Array.of(3, 17, 22);
    deepEqual(
      await digests({ ...whole, samples, until: 3 }),
      samples.reduce(
        (found: string[], i) => [...found, all[i]!],
        [],
      ),
    );
    await rejects(
      openLoader({ ...whole, samples: Uint32Array.of(COUNT) }),
      /Cannot use 23 as a sample of train/,
    );
  }));

Deno.test("openLoader() works in a worker that blocks", () =>
  withDataset(async (options) => {
    const worker = new Worker(new URL("./loader_consumer.ts", import.meta.url), { type: "module" });
    const read = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      worker.postMessage({ ...options, shuffle: false, crop: null, from: 1, until: 6, slots: 2 });
    });
    worker.terminate();
    const row = (n: number) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3];
    deepEqual(read, [1, 2, 3, 4, 0].map(row));
  }));

Deno.test("Loader.next() throws DataError when a shard ends too early, after what could be read", () =>
  withDataset(async (options) => {
    using loader = await openLoader({ ...options, slots: 1, shuffle: false });
    const first = loader.next();
    for (const shard of [0, 1, 2, 3]) {
      Deno.truncateSync(`${options.dataset}/train-${shard}.bin`, 64);
    }
    equal(loader.slots[0]!.views.samples[3], 3);
    loader.release(first);
    const expected = new DataError("Cannot read sample 4: train-0.bin ends too early");
    throws(() => loader.next(), expected);
    throws(() => loader.next(), expected);
  }));

Deno.test("Loader.next() names the first sample that one of several workers cannot read", () =>
  withDataset(async (options) => {
    using loader = await openLoader({ ...options, workers: 4, slots: 1, shuffle: false });
    const first = loader.next();
    for (const shard of [0, 1]) Deno.truncateSync(`${options.dataset}/train-${shard}.bin`, 64);
    loader.release(first);
    const expected = new DataError("Cannot read sample 4: train-0.bin ends too early");
    throws(() => loader.next(), expected);
    throws(() => loader.next(), expected);
  }));

Deno.test("Loader.next() tells of a data worker that cannot even open the dataset", () =>
  withDataset(async (options) => {
    const task = planLoader({ ...options, workers: 2 });
    Deno.removeSync(`${options.dataset}/manifest.json`);
    await startDataWorkers(task);
    using loader = attachLoader(task);
    throws(() => loader.next(), /^DataError: Cannot open .* as a packed dataset: .* is missing$/);
  }));

Deno.test("Loader.next() says when a slot is still held, and when it is the end", () =>
  withDataset(async (options) => {
    using loader = await openLoader({ ...options, slots: 2, until: 3 });
    const first = loader.next();
    loader.next();
    throws(
      () => loader.next(),
      new RangeError("Cannot take micro-batch 2: slot 0 must be released first"),
    );
    loader.release(first);
    throws(
      () => loader.release(first),
      new RangeError("Cannot release micro-batch 0: it is not held"),
    );
    equal(loader.next().index, 2);
    throws(() => loader.release(first), RangeError); // its slot holds another by now
    throws(() => loader.next(), new RangeError("Cannot take micro-batch 3: 3 is the end"));
  }));

Deno.test("Loader.close() stops a worker that waits, and next() afterwards throws", () =>
  withDataset(async (options) => {
    const loader = await openLoader({ ...options, slots: 1 });
    loader.next();
    loader.close();
    loader.close();
    const other = await openLoader(options);
    other.close();
    throws(() => other.next(), new TypeError("Cannot take a micro-batch: the loader is closed"));
  }));

Deno.test("openLoader() rejects what it cannot read", () =>
  withDataset(async (options) => {
    await rejects(openLoader({ ...options, dataset: `${options.dataset}/none` }), DataError);
    await rejects(openLoader({ ...options, split: "val" }), DataError);
    await rejects(
      openLoader({ ...options, batch: 24 }),
      new RangeError(
        "Cannot take 0 micro-batches of 24 from 23 samples: an epoch holds from 1 to 0; use a smaller batch",
      ),
    );
    await rejects(
      openLoader({ ...options, from: 3, until: 2 }),
      new RangeError("Cannot read micro-batches from 3 until 2: 0 <= from <= until is needed"),
    );
    await rejects(openLoader({ ...options, slots: 0 }), RangeError);
    await rejects(openLoader({ ...options, workers: 65 }), RangeError);
    await rejects(openLoader({ ...options, crop: { scale: [0, 1], ratio: [1, 1] } }), RangeError);
  }));
