import assert from "node:assert/strict";
import { heldOut as numbers, type Holdout } from "../../lib/data/holdout.ts";

const paths = Array.from({ length: 1000 }, (_, i) => `class${i % 10}/${i}.jpg`);

/** The paths themselves. */
function heldOut(paths: readonly string[], holdout: Holdout): ReadonlySet<string> {
  return new Set(Array.from(numbers(paths, holdout), (i) => paths[i]!));
}

Deno.test("heldOut() takes the share that was asked for, by the seed alone", () => {
  const held = heldOut(paths, { fraction: 0.05, seed: 3 });
  assert.equal(held.size, 50);
  assert.deepEqual(heldOut([...paths].reverse(), { fraction: 0.05, seed: 3 }), held);
  assert.notDeepEqual(heldOut(paths, { fraction: 0.05, seed: 4 }), held);
});

Deno.test("heldOut() keeps its choice when the share grows or an image goes", () => {
  const held = heldOut(paths, { fraction: 0.05, seed: 3 });
  const more = heldOut(paths, { fraction: 0.1, seed: 3 });
  assert.ok([...held].every((path) => more.has(path)));
  const gone = [...held][0]!;
  const fewer = heldOut(paths.filter((path) => path !== gone), { fraction: 0.05, seed: 3 });
  assert.equal([...fewer].filter((path) => !held.has(path)).length, 1);
});

Deno.test("heldOut() takes one at least and leaves one at least", () => {
  assert.equal(heldOut(["a", "b", "c"], { fraction: 0.01, seed: 0 }).size, 1);
  assert.equal(heldOut(["a", "b", "c"], { fraction: 0.99, seed: 0 }).size, 2);
});
