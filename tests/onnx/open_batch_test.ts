import assert from "node:assert/strict";
import {
  add,
  concat,
  constant,
  expand,
  filled,
  input,
  mul,
  reshape,
  type Value,
} from "../../lib/graph/mod.ts";
import { encode, openBatch, type SizedGraph, toModel } from "../../lib/onnx/mod.ts";
import type { TensorData } from "../../lib/runtime/mod.ts";
import { openSession } from "../_run.ts";

type Model = (batch: number) => Record<string, Value>;

/** The model, open and ready to run. */
function open(model: Model) {
  const [a, b] = [101, 103].map((batch): SizedGraph => {
    return { batch, graph: toModel(model(batch), { name: "open" }).graph! };
  });
  const whole = toModel(model(101), { name: "open" });
  return encode("Model", { ...whole, graph: openBatch(a!, b!) });
}

function rows(count: number, width: number): TensorData<"float32"> {
  const data = Float32Array.from({ length: count * width }, (_, i) => i % 7 - 3);
  return { dtype: "float32", shape: [count, width], data };
}

Deno.test("openBatch() lets a graph run on any number of rows", () => {
  using session = openSession(open((B) => {
    const x = input("x", "float32", [B, 6]);
    const cells = reshape(x, [B, 2, 3]); // the batch stays in place
    const flat = reshape(mul(cells, 2), [2 * 3, B]); // the batch moves: it has to be inferred
    return { y: reshape(add(flat, 1), [B, 6]), cells };
  }));
  assert.deepEqual(session.outputs.map(({ shape }) => shape), [[-1, 6], [-1, 2, 3]]);
  for (const count of [1, 2, 101, 250]) {
    const { y, cells } = session.run({ x: rows(count, 6) });
    assert.deepEqual([y!.shape, cells!.shape], [[count, 6], [count, 2, 3]]);
    assert.deepEqual([...y!.data], [...rows(count, 6).data].map((x) => 2 * x + 1));
  }
});

Deno.test("openBatch() refuses what depends on the batch, and says where", () => {
  const x = (B: number) => input("x", "float32", [B, 4]);
  const bad: Readonly<Record<string, readonly [Model, RegExp]>> = {
    "a constant with the batch": [
      (B) => ({ y: add(x(B), filled("float32", [B, 4], 1)) }),
      /: the constant v\d depends on it$/,
    ],
    "a shape to expand to": [
      (B) => ({ y: add(x(B), expand(constant("float32", [1, 4], [1, 2, 3, 4]), [B, 4])) }),
      /: the constant v\d depends on it$/,
    ],
    "a multiple of the batch": [
      (B) => {
        const one = x(B);
        return { y: concat([one, one], 0) };
      },
      /: an axis of y is 202 and 206$/,
    ],
    "a reshape to a multiple": [
      (B) => ({ y: reshape(reshape(x(B), [4 * B]), [B, 4]) }),
      /: an axis of v\d is 404 and 412$/,
    ],
    "other nodes": [
      (B) => ({ y: B === 101 ? add(x(B), 1) : mul(x(B), 1) }),
      /the graph "open" at sizes 101 and 103: the two have different nodes$/,
    ],
  };
  for (const [what, [model, message]] of Object.entries(bad)) {
    assert.throws(() => open(model), { name: "TypeError", message }, what);
  }
});
