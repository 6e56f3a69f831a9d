import assert from "node:assert/strict";
import { checkEveryClass, drawPerClass, holdOut } from "../../lib/probe/samples.ts";

const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
const all = Uint32Array.from({ length: 60 }, (_, i) => i);
const classes = ["a", "b", "c"];
const countOf = (samples: Uint32Array, label: number) =>
  samples.filter((sample) => labels[sample] === label).length;

Deno.test("drawPerClass() draws as many of each class, by the seed", () => {
  const draw = (seed: number, perClass = 4) =>
    drawPerClass(all, { labels, classes, perClass, seed });
  const drawn = draw(1);
  assert.equal(new Set(drawn).size, 12);
  for (const label of [0, 1, 2]) assert.equal(countOf(drawn, label), 4);
  assert.deepEqual(draw(1), drawn);
  assert.notDeepEqual(draw(2), drawn);
  assert.deepEqual([...drawn].sort((a, b) => a - b), [...drawn]);
  for (const sample of drawn) assert.ok(draw(1, 5).includes(sample), "more labels keep the fewer");
  assert.throws(() => draw(1, 21), {
    name: "ConfigError",
    message: "Cannot take 21 labelled images of each class (--labels-per-class): a has 20",
  });
});

Deno.test("holdOut() divides each class", () => {
  const { kept, held } = holdOut(all, { labels, classes: 3, share: 0.2, seed: 1 });
  for (const label of [0, 1, 2]) {
    assert.deepEqual([countOf(kept, label), countOf(held, label)], [16, 4]);
  }
  assert.deepEqual([...kept, ...held].sort((a, b) => a - b), [...all]);
  const few = holdOut(all.slice(0, 4), { labels, classes: 3, share: 0.1, seed: 1 });
  assert.deepEqual([few.kept.length, few.held.length], [3, 1], "one of the class that has two");
  assert.throws(() => holdOut(all.slice(0, 3), { labels, classes: 3, share: 0.1, seed: 1 }), {
    name: "ConfigError",
    message: "Cannot hold training images out to choose by: no class has two of the 3",
  });
});

Deno.test("checkEveryClass() names the classes that have no image", () => {
  checkEveryClass({ name: "train", labels }, all, classes);
  const some = all.filter((sample) => labels[sample] === 1);
  assert.throws(() => checkEveryClass({ name: "train", labels }, some, classes), {
    name: "DataError",
    message: "Cannot probe 3 classes: the train split has no image of a, c",
  });
  const many = Array.from({ length: 9 }, (_, i) => `k${i}`);
  assert.throws(
    () => checkEveryClass({ name: "train", labels }, all, many),
    /no image of k3, k4, k5, k6, k7 and 1 more$/,
  );
});
