import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { finish, squaredNorm } from "../../lib/optim/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate, type Numbers } from "../_run.ts";

interface Given {
  readonly squares: Numbers;
  readonly loss?: number;
  readonly steps?: number;
  readonly accumulate?: number;
  readonly clip?: number | null;
}

function run({ squares, loss = 1, steps = 0, accumulate = 1, clip = null }: Given) {
  const outputs = finish(
    input("squares", "float32", [squares.length]),
    input("loss", "float32", [1]),
    input("steps", "float32", [1]),
    { accumulate, clip },
  );
  const found = evaluate(
    { norm: outputs.norm, finite: outputs.finite, scale: outputs.scale, after: outputs.steps },
    { squares, loss: [loss], steps: [steps] },
  );
  for (const name of ["norm", "finite", "scale", "after"] as const) {
    assert.equal(found[name].length, 1, `${name} is [1]`);
  }
  return {
    norm: found.norm[0]!,
    finite: found.finite[0]!,
    scale: found.scale[0]!,
    steps: found.after[0]!,
  };
}

Deno.test("finish() gives the norm over all parts and counts the step", () => {
  assert.deepEqual(run({ squares: [9, 16, 0], steps: 7 }), {
    norm: 5,
    finite: 1,
    scale: 1,
    steps: 8,
  });
});

Deno.test("finish() makes a mean of accumulated micro-batches before it clips", () => {
  assert.deepEqual(run({ squares: [64], accumulate: 4 }), {
    norm: 2,
    finite: 1,
    scale: 0.25,
    steps: 1,
  });
  const clipped = run({ squares: [64], accumulate: 4, clip: 0.5 });
  assert.equal(clipped.norm, 2);
  assertClose([clipped.scale], [0.25 * 0.5 / (2 + 1e-6)], 1e-7);
});

Deno.test("finish() clips by min(1, c / (n + 1e-6)), as PyTorch does", () => {
  for (const norm of [0, 1e-4, 0.5, 0.999, 1, 1.001, 4, 1e6, 1e18]) {
    for (const clip of [1e-3, 1, 10]) {
      const { scale, norm: found } = run({ squares: [norm * norm], clip });
      const expected = Math.min(1, clip / (norm + 1e-6));
      assertClose([found / (norm || 1)], [norm === 0 ? 0 : 1], 1e-6, `norm ${norm}`);
      assertClose([scale / expected], [1], 1e-6, `norm ${norm}, clip ${clip}`);
    }
  }
});

Deno.test("finish() does not count a step whose gradient is not finite or overflows", () => {
  const cases: Numbers[] = [[NaN], [1, NaN, 1], [Infinity], [1, Infinity], [3e38, 3e38]];
  for (const squares of cases) {
    for (const clip of [null, 1]) {
      const { finite, steps } = run({ squares, steps: 3, clip });
      assert.deepEqual([finite, steps], [0, 3], `${squares}, clip ${clip}`);
    }
  }
});

Deno.test("finish() does not count a step whose loss is not finite", () => {
  for (const loss of [NaN, Infinity, -Infinity]) {
    const { finite, steps } = run({ squares: [1], loss, steps: 3 });
    assert.deepEqual([finite, steps], [0, 3], `loss ${loss}`);
  }
  assert.equal(run({ squares: [1], loss: -5 }).finite, 1);
  assert.equal(run({ squares: [0], loss: 0 }).finite, 1);
});

Deno.test("squaredNorm() is the sum of squares as [1]", () => {
  const gradient = input("gradient", "float32", [4]);
  const { squares } = evaluate({ squares: squaredNorm(gradient) }, { gradient: [1, -2, 3, 0] });
  assert.deepEqual(squares, [14]);
  for (const bad of [NaN, Infinity, -Infinity, 1e20]) {
    const { squares } = evaluate({ squares: squaredNorm(gradient) }, { gradient: [1, bad, 0, 0] });
    assert.equal(Number.isFinite(squares[0]), false, `${bad}`);
  }
});
