import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { finish, LOSS_SCALE, nextLossScale, unscaling } from "../../lib/optim/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";

const one = (name: string) => input(name, "float32", [1]);

/** The scale and the count after a step. */
function next(scale: number, goodSteps: number, finite: 0 | 1): [number, number] {
  const after = nextLossScale(unscaling(one("scale")), one("goodSteps"), one("finite"));
  const found = evaluate({ after: after.scale, count: after.goodSteps }, {
    scale: [scale],
    goodSteps: [goodSteps],
    finite: [finite],
  });
  return [found.after[0]!, found.count[0]!];
}

Deno.test("nextLossScale() keeps the scale and counts a step that counts", () => {
  assert.deepEqual(next(65536, 0, 1), [65536, 1]);
  assert.deepEqual(next(0.5, LOSS_SCALE.interval - 2, 1), [0.5, LOSS_SCALE.interval - 1]);
});

Deno.test("nextLossScale() doubles after enough steps in a row, up to the largest", () => {
  assert.deepEqual(next(65536, LOSS_SCALE.interval - 1, 1), [131072, 0]);
  assert.deepEqual(next(LOSS_SCALE.largest, LOSS_SCALE.interval - 1, 1), [LOSS_SCALE.largest, 0]);
});

Deno.test("nextLossScale() halves after a step that does not count, and counts anew", () => {
  assert.deepEqual(next(65536, 1234, 0), [32768, 0]);
  assert.deepEqual(next(LOSS_SCALE.least, LOSS_SCALE.interval - 1, 0), [LOSS_SCALE.least / 2, 0]);
});

Deno.test("finish() takes the loss scale out of the norm and of the gradient, before it clips", () => {
  const lossScale = one("lossScale");
  const run = (clip: number | null, squares: number, scale: number) => {
    const unscale = unscaling(lossScale);
    const options = { accumulate: 2, clip, unscale };
    const { norm, scale: factor, finite } = finish(
      one("squares"),
      one("loss"),
      one("steps"),
      options,
    );
    return evaluate({ norm, factor, finite }, {
      squares: [squares],
      loss: [1],
      steps: [0],
      lossScale: [scale],
    });
  };
  // Two micro-batches whose gradients add up to a norm of 6, times 1024
  const free = run(null, (6 * 1024) ** 2, 1024);
  assert.deepEqual(free, { norm: [3], factor: [0.5 / 1024], finite: [1] });
  const clipped = run(1.5, (6 * 1024) ** 2, 1024);
  assert.deepEqual(clipped.norm, [3]);
  assertClose([clipped.factor[0]! * 6 * 1024], [1.5], 1e-5);
  assert.deepEqual(run(null, Infinity, 1024).finite, [0]);
});
