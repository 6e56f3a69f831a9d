import assert from "node:assert/strict";
import { median, seriesOf, smoothed, spread, thinned } from "../../lib/report/series.ts";

const points = (values: readonly number[]) => values.map((value, i) => ({ step: i + 1, value }));
const valuesOf = (all: readonly { value: number }[]) => all.map(({ value }) => value);

Deno.test("seriesOf() collects the numbers of each field, whichever lines have it", () => {
  const series = seriesOf([
    { step: 1, rec: 2, align: null },
    { step: 1, val_rec: 3 },
    { step: 2, rec: NaN, skipped: true },
    { step: 3, rec: 1 },
  ]);
  assert.deepEqual([...series.keys()], ["rec", "val_rec"]);
  assert.deepEqual(series.get("rec"), [{ step: 1, value: 2 }, { step: 3, value: 1 }]);
});

Deno.test("smoothed() is a mean around each point that keeps a line and a steep start", () => {
  assert.deepEqual(valuesOf(smoothed(points([1, 2, 3, 4, 5]), 3)).slice(0, 4), [1, 2, 3, 4]);
  const [first] = smoothed(points([9, 1, 1, 1, 1, 1]), 5);
  assert.equal(first!.value, 9);
  const last = smoothed(points([0, 0, 0, 0, 3, 6]), 5).at(-1)!;
  assert.deepEqual(last, { step: 6, value: 3 });
  assert.deepEqual(smoothed(points([3, 1]), 1), points([3, 1]));
});

Deno.test("thinned() keeps spikes", () => {
  const values = Array.from({ length: 5000 }, (_, i) => i === 3210 ? 99 : i === 77 ? -99 : i % 3);
  const few = thinned(points(values), 100);
  assert.equal(few.length, 100);
  assert.equal(Math.max(...valuesOf(few)), 99);
  assert.equal(Math.min(...valuesOf(few)), -99);
  assert.deepEqual(
    few.map(({ step }) => step),
    few.map(({ step }) => step).toSorted((a, b) => a - b),
  );
  assert.deepEqual(thinned(points([1, 2]), 100), points([1, 2]));
});

Deno.test("spread() and median() pick evenly and from the middle", () => {
  assert.deepEqual(spread([1, 2, 3, 4, 5, 6, 7], 3), [1, 4, 7]);
  assert.deepEqual(spread([1, 2], 3), [1, 2]);
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});
