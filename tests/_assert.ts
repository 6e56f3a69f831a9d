/** Numbers that are nearly equal. */
import assert from "node:assert/strict";
import type { Numbers } from "./_run.ts";

/** Largest |a - b| over all elements; infinite where one is not finite and the other differs. */
export function largestDifference(a: Numbers, b: Numbers): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const difference = Math.abs(a[i]! - b[i]!);
    largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
  }
  return largest;
}

/** Asserts that `actual` has the length of `expected` and nearly its elements: within `tolerance` x max(1, largest). */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  tolerance: number,
  what = "values",
): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]!));
  }
  const difference = largestDifference(actual, expected);
  assert.ok(
    difference <= tolerance * scale,
    `${what}: they differ by ${difference}, more than ${tolerance} x ${scale}: ` +
      `${Array.from(actual).slice(0, 6)}... instead of ${Array.from(expected).slice(0, 6)}...`,
  );
}
