import assert from "node:assert/strict";
import { onlyGiven } from "../../cli/only_given.ts";

Deno.test("onlyGiven() leaves out what is undefined, and nothing else", () => {
  const values = { a: undefined, b: null, c: 0, d: false, e: "", f: [undefined] };
  const given = onlyGiven(values);
  assert.deepEqual(Object.keys(given), ["b", "c", "d", "e", "f"]);
  assert.deepEqual(given, { b: null, c: 0, d: false, e: "", f: [undefined] });
});
