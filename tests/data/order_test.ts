import { deepEqual, equal, notDeepEqual, throws } from "node:assert/strict";
import { epochOrder, sampleOrder, wholeMicroBatches } from "../../lib/data/order.ts";

const options = { seed: 5, count: 11, batch: 2, microBatchesPerEpoch: 5, shuffle: true };

Deno.test("epochOrder() is a permutation, another for each seed and epoch", () => {
  const order = epochOrder(1, 0, 100);
  deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i));
  deepEqual(epochOrder(1, 0, 100), order);
  notDeepEqual(epochOrder(1, 1, 100), order);
  notDeepEqual(epochOrder(2, 0, 100), order);
});

Deno.test("sampleOrder() cuts each epoch's order into micro-batches and drops the rest", () => {
  const samplesOf = sampleOrder(options);
  for (const epoch of [0, 1]) {
    const read = [0, 1, 2, 3, 4].flatMap((index) => {
      const found = samplesOf(epoch * 5 + index);
      equal(found.epoch, epoch);
      return [...found.samples];
    });
    deepEqual(read, [...epochOrder(5, epoch, 11)].slice(0, 10));
  }
});

Deno.test("sampleOrder() gives the same samples wherever it starts", () => {
  const samplesOf = sampleOrder(options);
  const all = Array.from({ length: 20 }, (_, n) => [...samplesOf(n).samples]);
  for (const n of [19, 0, 7, 8, 3]) deepEqual([...sampleOrder(options)(n).samples], all[n]);
  deepEqual([...samplesOf(2).samples], all[2]);
});

Deno.test("sampleOrder() keeps the split's order in each epoch without shuffle", () => {
  const samplesOf = sampleOrder({ ...options, shuffle: false });
  deepEqual([...samplesOf(1).samples], [2, 3]);
  deepEqual([...samplesOf(6).samples], [2, 3]);
  equal(samplesOf(6).epoch, 1);
});

Deno.test("sampleOrder() fills the last micro-batch up, if it is to take every sample", () => {
  const samplesOf = sampleOrder({ ...options, microBatchesPerEpoch: 6, fill: true });
  const read = [0, 1, 2, 3, 4, 5].flatMap((index) => [...samplesOf(index).samples]);
  const order = [...epochOrder(5, 0, 11)];
  deepEqual(read, [...order, order[0]]);
  const few = sampleOrder({
    ...options,
    count: 2,
    batch: 5,
    microBatchesPerEpoch: 1,
    fill: true,
    shuffle: false,
  });
  deepEqual([...few(3).samples], [0, 1, 0, 1, 0]);
  throws(
    () => sampleOrder({ ...options, microBatchesPerEpoch: 7, fill: true }),
    /an epoch holds from 1 to 6/,
  );
});

Deno.test("sampleOrder() takes the samples that are named", () => {
  const samples = Uint32Array.of(40, 41, 50, 60);
  const some = { ...options, count: 4, microBatchesPerEpoch: 2, samples };
  const ordered = sampleOrder({ ...some, shuffle: false });
  deepEqual([...ordered(1).samples], [50, 60]);
  const shuffled = sampleOrder(some);
  const epoch = [...shuffled(2).samples, ...shuffled(3).samples];
  deepEqual(epoch, [...epochOrder(5, 1, 4)].map((i) => samples[i]));
});

Deno.test("sampleOrder() rejects an epoch that the split cannot fill", () => {
  equal(wholeMicroBatches(11, 2), 5);
  throws(
    () => sampleOrder({ ...options, microBatchesPerEpoch: 6 }),
    new RangeError(
      "Cannot take 6 micro-batches of 2 from 11 samples: an epoch holds from 1 to 5; use a smaller batch",
    ),
  );
  throws(() => sampleOrder({ ...options, microBatchesPerEpoch: 0 }), RangeError);
});
