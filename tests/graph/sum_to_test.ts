import assert from "node:assert/strict";
import { input, sumTo } from "../../lib/graph/mod.ts";
import type { Shape } from "../../lib/tensor/mod.ts";
import { evaluate } from "../_run.ts";

/** Every way in which a shape broadcasts to [2, 3, 4], and what is summed. */
const TARGETS: readonly Shape[] = [
  [2, 3, 4],
  [3, 4],
  [4],
  [],
  [1],
  [1, 1, 1],
  [1, 3, 4],
  [2, 1, 4],
  [2, 3, 1],
  [1, 1, 4],
  [2, 1, 1],
  [3, 1],
];

Deno.test("sumTo() sums over repeated axes", () => {
  const x = input("x", "float64", [2, 3, 4]);
  const elements = Array.from({ length: 24 }, (_, i) => 1 + i * i);
  const outputs = Object.fromEntries(
    TARGETS.map((shape) => [`to [${shape}]`, sumTo(x, shape)]),
  );
  const results = evaluate(outputs, { x: elements });
  for (const shape of TARGETS) {
    const name = `to [${shape}]`;
    assert.deepEqual(outputs[name]!.shape, shape);
    const padded = [1, 1, 1, ...shape].slice(-3);
    const sums = new Array(padded.reduce((a, b) => a * b)).fill(0);
    elements.forEach((element, i) => {
      const index = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4];
      const place = padded.reduce((flat, n, axis) => flat * n + (n === 1 ? 0 : index[axis]!), 0);
      sums[place] += element;
    });
    assert.deepEqual(results[name], sums, name);
  }
});

Deno.test("sumTo() returns the value itself where nothing was repeated", () => {
  const x = input("x", "float64", [2, 3]);
  assert.equal(sumTo(x, [2, 3]), x);
});

Deno.test("sumTo() rejects a shape that does not broadcast", () => {
  const x = input("x", "float64", [2, 3]);
  for (const shape of [[2], [3, 3], [2, 2]]) {
    assert.throws(() => sumTo(x, shape), {
      name: "TypeError",
      message: `Cannot sum [2, 3] to [${shape.join(", ")}]`,
    });
  }
});
