import assert from "node:assert/strict";
import { spread, wilsonInterval } from "../../lib/classify/mod.ts";

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

Deno.test("wilsonInterval() ends where the share is 1.96 of its own deviations away", () => {
  for (const [successes, trials] of [[0, 10], [1, 10], [81, 263], [10, 10], [7340, 10000]]) {
    const [low, high] = wilsonInterval(successes!, trials!);
    const share = successes! / trials!;
    for (const end of [low, high]) {
      if (end === 0 || end === 1) continue;
      near(Math.abs(share - end), 1.959963984540054 * Math.sqrt(end * (1 - end) / trials!));
    }
    assert.ok(low <= share && share <= high && low >= 0 && high <= 1 && low < high);
  }
  // 81 of 263, from Newcombe 1998, table I
  const [low, high] = wilsonInterval(81, 263);
  assert.deepEqual([low.toFixed(4), high.toFixed(4)], ["0.2553", "0.3662"]);
});

Deno.test("wilsonInterval() refuses what is no share", () => {
  assert.throws(() => wilsonInterval(0, 0), /Cannot give an interval for 0 of 0/);
  assert.throws(() => wilsonInterval(3, 2), RangeError);
});

Deno.test("spread() gives mean and deviation of a sample", () => {
  assert.deepEqual(spread([2, 4, 4, 4, 5, 5, 7, 9].map((x) => x * 7)), {
    mean: 35,
    deviation: Math.sqrt(32 * 49 / 7),
  });
  assert.deepEqual(spread([0.5]), { mean: 0.5, deviation: null });
  assert.throws(() => spread([]), /Cannot take the mean of no values/);
});
