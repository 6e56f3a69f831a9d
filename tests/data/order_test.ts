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
