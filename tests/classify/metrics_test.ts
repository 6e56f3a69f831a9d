import assert from "node:assert/strict";
import { ClassificationTally } from "../../lib/classify/mod.ts";
import { random } from "../../lib/tensor/mod.ts";

Deno.test("ClassificationTally counts accuracies and the confusion matrix over batches", () => {
  const tally = new ClassificationTally(3);
  tally.add(Float32Array.of(3, 2, 1, 1, 3, 2), [0, 1]);
  tally.add(Float32Array.of(3, 2, 1, -1, -2, -3), [1, 1]);
  const metrics = tally.metrics();
  assert.equal(metrics.images, 4);
  assert.equal(metrics.top1, 0.5);
  assert.deepEqual(metrics.confusion, [[1, 0, 0], [2, 1, 0], [0, 0, 0]]);
  assert.deepEqual(metrics.perClass, [1, 1 / 3, null]);
  assert.equal(metrics.meanPerClass, (1 + 1 / 3) / 2);
  assert.equal(metrics.top5, null, "five of three classes are always right");
});

Deno.test("ClassificationTally finds what sorting finds, ties included", () => {
  const C = 9, N = 200;
  const stream = random({ seed: 5, purpose: "draw" });
  const scores = Float32Array.from({ length: N * C }, () => stream.below(6));
  const labels = Array.from({ length: N }, () => stream.below(C));
  let top1 = 0, top5 = 0;
  for (let n = 0; n < N; n++) {
    const row = [...scores.subarray(n * C, (n + 1) * C)];
    const order = row.map((_, c) => c).sort((a, b) => row[b]! - row[a]! || a - b);
    if (order[0] === labels[n]) top1++;
    if (order.slice(0, 5).includes(labels[n]!)) top5++;
  }
  const tally = new ClassificationTally(C);
  tally.add(scores, labels);
  const metrics = tally.metrics();
  assert.equal(metrics.top1, top1 / N);
  assert.equal(metrics.top5, top5 / N);
});

Deno.test("ClassificationTally leaves the filling of an incomplete batch out", () => {
  const tally = new ClassificationTally(2);
  tally.add(Float32Array.of(1, 0, NaN, NaN, NaN, NaN), [0]);
  assert.equal(tally.metrics().images, 1);
});

Deno.test("ClassificationTally refuses what cannot be counted", () => {
  const tally = new ClassificationTally(2);
  assert.throws(() => new ClassificationTally(0), /Cannot count 0 classes/);
  assert.throws(() => tally.metrics(), /how accurate no images are/);
  assert.throws(() => tally.add(Float32Array.of(1), [0]), /Cannot count 1 scores as \[1, ?2\]/);
  assert.throws(() => tally.add(Float32Array.of(1, 2), [2]), /Cannot count class 2: there are 2/);
  assert.throws(() => tally.add(Float32Array.of(1, 2), [-1]), /Cannot count class -1/);
  assert.throws(() => tally.add(Float32Array.of(1, NaN), [0]), /class 1 scored NaN/);
});
