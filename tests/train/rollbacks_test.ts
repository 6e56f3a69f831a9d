import assert from "node:assert/strict";
import {
  rateFactor,
  readRollbacks,
  rollbackTo,
  writeRollbacks,
} from "../../lib/train/rollbacks.ts";

Deno.test("rollbackTo() halves for a hundred steps at least, and twice as many as were lost", () => {
  assert.deepEqual(rollbackTo(40, 43), { diverged: 43, from: 40, until: 140 });
  assert.deepEqual(rollbackTo(1000, 1200), { diverged: 1200, from: 1000, until: 1400 });
});

Deno.test("rateFactor() halves once for every return that a step lies behind", () => {
  const rollbacks = [rollbackTo(40, 43), rollbackTo(60, 61)];
  const factors = [39, 40, 59, 60, 139, 140, 159, 160].map((done) => rateFactor(rollbacks, done));
  assert.deepEqual(factors, [1, 0.5, 0.5, 0.25, 0.25, 0.5, 0.5, 1]);
  assert.equal(rateFactor([], 5), 1);
});

Deno.test("readRollbacks() reads what writeRollbacks() wrote, and nothing else", () => {
  const folder = Deno.makeTempDirSync();
  try {
    assert.deepEqual(readRollbacks(folder), []);
    const rollbacks = [rollbackTo(40, 43)];
    writeRollbacks(folder, rollbacks);
    assert.deepEqual(readRollbacks(folder), rollbacks);
    for (const text of ["[", '[{"from": 1}]', "{}"]) {
      Deno.writeTextFileSync(`${folder}/rollbacks.json`, text);
      assert.throws(() => readRollbacks(folder), { name: "DataError" });
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
