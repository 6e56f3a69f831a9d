import assert from "node:assert/strict";
import { median, ratiosOf, spreadOf } from "../../../tasks/bench/statistics.ts";

Deno.test("median() is the middle value, whatever the order", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([10, 9]), 9.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), { message: "Cannot take the median of no value" });
});

Deno.test("spreadOf() is median and range", () => {
  assert.deepEqual(spreadOf([10, 9, 100]), { median: 10, least: 9, greatest: 100 });
});

Deno.test("ratiosOf() compares pair by pair", () => {
  assert.deepEqual(ratiosOf([2, 9], [4, 3]), [0.5, 3]);
  assert.throws(() => ratiosOf([1], []), { message: "Cannot pair 1 figures with 0" });
});
