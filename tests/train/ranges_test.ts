import assert from "node:assert/strict";
import { firstNotFinite, rangeOf } from "../../lib/train/ranges.ts";

Deno.test("rangeOf() tells of the finite elements, and counts the others", () => {
  assert.deepEqual(rangeOf("x", [3, NaN, -1, Infinity]), {
    name: "x",
    elements: 4,
    least: -1,
    greatest: 3,
    mean: 1,
    notFinite: 2,
  });
  const { least, greatest, mean } = rangeOf("y", Float32Array.of(NaN));
  assert.deepEqual([least, greatest, mean], [null, null, null]);
});

Deno.test("firstNotFinite() takes the first of a list", () => {
  const ranges = [[1], [NaN], [Infinity]].map((values, i) => rangeOf(`t${i}`, values));
  assert.equal(firstNotFinite(ranges)?.name, "t1");
  assert.equal(firstNotFinite(ranges.slice(0, 1)), null);
});
