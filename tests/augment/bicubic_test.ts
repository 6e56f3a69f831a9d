import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { resamplingMatrix } from "../../lib/augment/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import { cut } from "../nn/_reference.ts";

/** Keys' kernel with a = -1/2. */
function kernel(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
  return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
}

/** The weights of one line as Pillow computes them. */
function weights(start: number, length: number, input: number, output: number): number[][] {
  const scale = length / output;
  const reach = Math.max(scale, 1);
  return Array.from({ length: output }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    const row = Array.from({ length: input }, (_, j) => kernel((j + 0.5 - centre) / reach));
    const total = row.reduce((a, b) => a + b);
    return row.map((x) => x / total);
  });
}

const LINES = [[0, 10], [2.5, 7.25], [6, 2], [0, 3.5], [9.5, 0.5]] as const;
const B = LINES.length;
const start = input("start", "float32", [B, 1, 1]);
const length = input("length", "float32", [B, 1, 1]);
const mirrored = input("mirrored", "float32", [B, 1, 1]);
const given = { start: LINES.map(([first]) => first), length: LINES.map(([, size]) => size) };

for (const output of [1, 4, 10, 17]) {
  Deno.test(`resamplingMatrix() weighs 10 pixels for ${output} as Pillow does`, () => {
    const matrix = resamplingMatrix(start, length, { input: 10, output });
    assert.deepEqual(matrix.shape, [B, output, 10]);
    const results = evaluate({ matrix }, given).matrix;
    const expected = LINES.map(([first, size]) => weights(first, size, 10, output));
    assertClose(results, expected.flat(2), 5e-6);
    for (const row of cut(results, 10)) assertClose([row.reduce((a, b) => a + b)], [1], 1e-6);
  });
}

Deno.test("resamplingMatrix() of the whole line at its own size is the identity", () => {
  const matrix = resamplingMatrix(start, length, { input: 10, output: 10 });
  const results = evaluate({ matrix }, given).matrix.slice(0, 100);
  assertClose(results, Array.from({ length: 100 }, (_, i) => Number(i % 11 === 0)), 1e-6);
});

Deno.test("resamplingMatrix() mirrored has its rows reversed", () => {
  const sizes = { input: 10, output: 7 };
  const plain = resamplingMatrix(start, length, sizes);
  const turned = resamplingMatrix(start, length, sizes, mirrored);
  const flags = [1, 0, 1, 1, 0];
  const results = evaluate({ plain, turned }, { ...given, mirrored: flags });
  const expected = cut(cut(results.plain, 10), 7).map((rows, b) =>
    flags[b] ? rows.toReversed() : rows
  );
  assertClose(results.turned, expected.flat(2), 5e-6);
});
