import assert from "node:assert/strict";
import {
  add,
  exp,
  gelu,
  gradient,
  input,
  is,
  matmul,
  mul,
  recompute,
  reduceSum,
  scoped,
  segment,
  segments,
  slice,
  softmax,
  topological,
  type Value,
} from "../../lib/graph/mod.ts";
import { random, sizeOf } from "../../lib/tensor/mod.ts";
import { evaluate } from "../_run.ts";

const x = input("x", "float32", [3, 4]);
const weights = [0, 1].map((i) => input(`w${i}`, "float32", [4, 4]));
const zero = mul(slice(input("noise", "float32", [2]), 0, 0, 1), 0);

/** Two blocks of a few ops each. */
function forward(): { loss: Value; inside: Value; blocks: Value<"Segment">[] } {
  let y: Value = x;
  let inside: Value = x;
  weights.forEach((w, i) => {
    y = scoped(`block${i}`, () => {
      inside = softmax(gelu(matmul(y, w)));
      return segment(add(y, matmul(inside, w, { transB: true })), y);
    });
  });
  const loss = reduceSum(exp(y), [0, 1]);
  return { loss, inside, blocks: segments([loss]) };
}

/** The loss and the gradients of both weights, and the same computed again. */
function both({ also = [] as readonly Value[] } = {}) {
  const { loss, inside, blocks } = forward();
  const derivatives = gradient(loss, [...weights, ...blocks]).map((dx) => dx!);
  const plain = [loss, ...derivatives.slice(0, weights.length)];
  const cotangents = new Map(blocks.map((b, i) => [b, derivatives[weights.length + i]!]));
  const again = recompute(plain, { forward: [loss, ...also], cotangents, zero });
  return { plain, again, inside, blocks, cotangents };
}

const elements = (v: Value, sample: number) => {
  const stream = random({ seed: 5, purpose: "draw", sample });
  return Array.from({ length: sizeOf(v.shape) }, () => 2 * stream.uniform() - 1);
};
const data = { x: elements(x, 1), w0: elements(weights[0]!, 2), w1: elements(weights[1]!, 3) };

/** What ONNX Runtime makes of some outputs. */
const run = (outputs: readonly Value[], inputs: Record<string, number[]>) =>
  evaluate(Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])), inputs);

/** The values that a backward pass adds to the forward pass of outputs whose first is the loss. */
function backward(outputs: readonly Value[]): Value[] {
  const kept = new Set(topological(outputs.slice(0, 1)));
  return topological(outputs).filter((value) => !kept.has(value));
}

Deno.test("recompute() gives the same bits", () => {
  const { plain, again } = both();
  assert.deepEqual(run(again, { ...data, noise: [0.5, 1] }), run(plain, data));
});

Deno.test("recompute() lets the backward pass read inputs and results of segments only", () => {
  const { plain, again } = both();
  const kept = (outputs: readonly Value[]) => {
    const forward = new Set(topological(outputs.slice(0, 1)));
    const read = backward(outputs).flatMap(({ inputs }) => inputs).filter((v) => forward.has(v));
    return new Set(read.filter((v) => !is(v, "Input") && !is(v, "Constant")).map(({ op }) => op));
  };
  assert.ok(["MatMul", "Gelu", "Softmax"].some((op) => kept(plain).has(op as "Gelu")));
  // Add is the first segment's result, Exp what the loss itself is made of
  assert.deepEqual([...kept(again)].sort(), ["Add", "Exp"]);
});

Deno.test("recompute() holds every copy back until the backward pass has come to its segment", () => {
  const { again } = both();
  const copies = topological(again).filter(({ scope }) => scope.startsWith("recompute/"));
  assert.deepEqual(
    copies.map(({ scope, op }) => `${scope} ${op}`).sort(),
    ["recompute/block0", "recompute/block1"]
      .flatMap((scope) => ["Gelu", "MatMul", "Softmax"].map((op) => `${scope} ${op}`)).sort(),
  );
  for (const value of copies) {
    const reached = topological([value]);
    // The cotangent of the last segment's result is made from the loss; that of the first from the second's backward pass
    const waits = value.scope === "recompute/block1" ? "Exp" : "Softmax";
    assert.ok(reached.some(({ op, scope }) => op === waits && !scope.endsWith("block0")), value.op);
  }
});

Deno.test("recompute() keeps what the forward pass reads from outside a segment", () => {
  const { loss, inside, blocks } = forward();
  const total = add(loss, reduceSum(inside, [0, 1]));
  const derivatives = gradient(total, [...weights, ...blocks]).map((dx) => dx!);
  const cotangents = new Map(blocks.map((b, i) => [b, derivatives[weights.length + i]!]));
  const plain = [total, ...derivatives.slice(0, weights.length)];
  const again = recompute(plain, { forward: [total], cotangents, zero });
  const forwardOnly = new Set(topological(again.slice(0, 1)));
  const read = backward(again).flatMap(({ inputs }) => inputs);
  assert.ok(read.some((value) => is(value, "Softmax") && forwardOnly.has(value)));
  assert.deepEqual(run(again, { ...data, noise: [0, 0] }), run(plain, data));
});

Deno.test("recompute() takes the marks away, also of segments that are not computed again", () => {
  const { plain, blocks, cotangents } = both();
  const marks = (outputs: readonly Value[]) => segments(outputs).length;
  assert.equal(marks(plain), 2);
  const options = { forward: plain.slice(0, 1), zero };
  assert.equal(marks(recompute(plain, { ...options, cotangents })), 0);
  const none = recompute(plain, { ...options, cotangents: new Map() });
  assert.equal(marks(none), 0);
  assert.ok(topological(none).every(({ scope }) => !scope.startsWith("recompute/")));
  const last = new Map([[blocks[1]!, cotangents.get(blocks[1]!)!]]);
  const one = recompute(plain, { ...options, cotangents: last });
  assert.deepEqual(
    new Set(topological(one).map(({ scope }) => scope).filter((s) => s.startsWith("recompute/"))),
    new Set(["recompute/block1"]),
  );
  assert.deepEqual(run(one, { ...data, noise: [1, 1] }), run(plain, data));
});
