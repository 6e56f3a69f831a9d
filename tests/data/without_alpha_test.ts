import assert from "node:assert/strict";
import { withoutAlpha } from "../../lib/data/without_alpha.ts";
import { noise } from "./_sources.ts";

/** A copy of `bytes` that begins at byte `at` of some memory. */
function placed(bytes: Uint8Array, at: number): Uint8Array {
  const memory = new Uint8Array(at + bytes.length + 3);
  memory.set(bytes, at);
  return memory.subarray(at, at + bytes.length);
}

Deno.test("withoutAlpha() leaves out every fourth value, for any number of pixels at any place", () => {
  for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 101]) {
    const image = noise(count, 4 * count);
    const want = image.filter((_, i) => i % 4 !== 3);
    for (const at of [0, 1, 2, 3]) {
      assert.deepEqual(withoutAlpha(placed(image, at)), want, `${count} from ${at} on`);
      const into = placed(new Uint8Array(3 * count), at);
      assert.equal(withoutAlpha(image, into), into);
      assert.deepEqual(into, want, `${count} to ${at} on`);
    }
  }
});
