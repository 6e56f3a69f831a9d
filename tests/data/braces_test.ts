import assert from "node:assert/strict";
import { expandBraces } from "../../lib/data/braces.ts";

Deno.test("expandBraces() counts with and without leading zeros, up and down", () => {
  assert.deepEqual(expandBraces("a-{008..011}.tar"), [
    "a-008.tar",
    "a-009.tar",
    "a-010.tar",
    "a-011.tar",
  ]);
  assert.deepEqual(expandBraces("{9..11}"), ["9", "10", "11"]);
  assert.deepEqual(expandBraces("{2..0}"), ["2", "1", "0"]);
  assert.deepEqual(expandBraces("{00..0}"), ["00"]);
});

Deno.test("expandBraces() combines patterns, the last changing fastest", () => {
  assert.deepEqual(expandBraces("{a,b}/{1..2}.tar"), ["a/1.tar", "a/2.tar", "b/1.tar", "b/2.tar"]);
});

Deno.test("expandBraces() leaves everything else as it is", () => {
  for (const path of ["plain.tar", "{x}", "{a..c}", "{1..}", "", "}{"]) {
    assert.deepEqual(expandBraces(path), [path]);
  }
});

Deno.test("expandBraces() refuses patterns that stand for too much", () => {
  for (const pattern of ["{0..100000}", "{0..999999999999}", "{1..1000}{1..1000}"]) {
    const message = `Cannot use ${pattern}: it stands for more than 100000 paths`;
    assert.throws(() => expandBraces(pattern), { name: "DataError", message });
  }
});
