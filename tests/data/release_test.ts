import assert from "node:assert/strict";
import { release } from "../../lib/data/release.ts";

Deno.test("release() takes the memory of a view away", () => {
  const bytes = new Uint8Array(1 << 20);
  const part = bytes.subarray(5, 10);
  release(bytes);
  assert.equal(bytes.length, 0);
  assert.equal(part.length, 0);
});
