import assert from "node:assert/strict";
import { topClasses } from "../../lib/embed/prediction.ts";

Deno.test("topClasses() gives softmax's largest, of equal ones the first", () => {
  const scores = Float32Array.of(1, 3, -2, 3);
  const top = topClasses(scores, ["a", "b", "c", "d"], 3);
  assert.deepEqual(top.map(({ label }) => label), ["b", "d", "a"]);
  const sum = [1, 3, -2, 3].reduce((total, x) => total + Math.exp(x), 0);
  for (const [i, score] of [3, 3, 1].entries()) {
    assert.ok(Math.abs(top[i]!.probability - Math.exp(score) / sum) < 1e-12);
  }
});

Deno.test("topClasses() gives all there are, and bears large scores", () => {
  const top = topClasses(Float32Array.of(1000, -1000), ["a", "b"], 5);
  assert.deepEqual(top, [{ label: "a", probability: 1 }, { label: "b", probability: 0 }]);
});
