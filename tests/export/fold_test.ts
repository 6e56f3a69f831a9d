import assert from "node:assert/strict";
import { cast, constant, type Value } from "../../lib/graph/mod.ts";
import { add, input, reshape, transpose } from "../../lib/graph/mod.ts";
import { foldConstants } from "../../lib/export/fold.ts";
import { encode, toModel } from "../../lib/onnx/mod.ts";
import { openSession } from "../_run.ts";

/** Elements of a constant that depend on their place. */
const numbered = (shape: readonly number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return constant("float32", shape, Array.from({ length: size }, (_, i) => i));
};

/** A model's result with and without folding, and its nodes with. */
function foldedAndNot(y: Value) {
  const model = toModel({ y }, { name: "fold" });
  const folded = { ...model, graph: foldConstants(model.graph!) };
  const results = [model, folded].map((one) => {
    using session = openSession(encode("Model", one));
    return session.run({ x: { dtype: "float32", shape: [1], data: Float32Array.of(0.5) } }).y!;
  });
  return { results, graph: folded.graph };
}

Deno.test("foldConstants() moves elements as ONNX Runtime does", () => {
  const x = input("x", "float32", [1]);
  const orders = [[1, 0], [2, 1, 0], [1, 2, 0], [0, 3, 1, 2], [3, 0, 2, 1]];
  for (const perm of orders) {
    const moved = transpose(numbered([2, 3, 4, 5].slice(0, perm.length)), perm);
    const { results: [plain, folded], graph } = foldedAndNot(add(moved, x));
    assert.deepEqual(folded, plain, `order ${perm}`);
    assert.deepEqual(graph.node!.map(({ opType }) => opType), ["Add"]);
  }
});

Deno.test("foldConstants() casts to float16, reshapes, names what it made and forgets the rest", () => {
  const x = input("x", "float32", [1]);
  const half = cast(transpose(reshape(numbered([3, 1000]), [1000, 3]), [1, 0]), "float16");
  const { results: [plain, folded], graph } = foldedAndNot(add(cast(half, "float32"), x));
  assert.deepEqual(folded, plain);
  assert.deepEqual(
    graph.node!.map(({ opType }) => opType),
    ["Cast", "Add"],
    "back to float32: kept",
  );
  assert.deepEqual(graph.initializer!.map(({ name, dims }) => [name, dims]), [
    ["v0/Reshape/Transpose/Cast", [3, 1000]],
  ]);
});
