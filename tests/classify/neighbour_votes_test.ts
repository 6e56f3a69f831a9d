import assert from "node:assert/strict";
import { countVotes } from "../../lib/classify/mod.ts";
import { assertClose } from "../_assert.ts";

Deno.test("countVotes() weighs each neighbour by exp(cosine / T), in proportion to the nearest", () => {
  const votes = new Float32Array(3).fill(9);
  countVotes({ similarities: [0.9, 0.8, 0.5], labels: [2, 0, 2] }, 0.1, votes);
  assertClose([...votes], [Math.exp(-1), 0, 1 + Math.exp(-4)], 1e-6);
});

Deno.test("countVotes() does not overflow where T is small", () => {
  const votes = new Float32Array(2);
  countVotes({ similarities: [1, 0.999], labels: [1, 0] }, 1e-6, votes);
  assert.deepEqual([...votes], [0, 1]);
});
