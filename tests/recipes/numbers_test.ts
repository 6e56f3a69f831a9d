import assert from "node:assert/strict";
import { parseNumbers } from "../../lib/recipes/mod.ts";

Deno.test("parseNumbers() reads numbers with commas in between", () => {
  assert.deepEqual(parseNumbers("0,1, 2"), [0, 1, 2]);
  assert.deepEqual(parseNumbers("1e-3"), [1e-3]);
  for (const text of ["", "1,,2", "a", "1;2"]) {
    assert.throws(() => parseNumbers(text), {
      name: "ConfigError",
      message: `Cannot read "${text}" as numbers: write them as in 0,1,2`,
    });
  }
  assert.throws(() => parseNumbers("1,1.0"), /Cannot take "1,1\.0": a number is given twice/);
});
