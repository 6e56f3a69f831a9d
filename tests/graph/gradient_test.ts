import assert from "node:assert/strict";
import {
  add,
  cast,
  concat,
  constant,
  exp,
  fuse,
  gather,
  gradient,
  input,
  inversePermutation,
  less,
  matmul,
  mul,
  permuteRows,
  reduceSum,
  reshape,
  smallest,
  split,
  stopGradient,
  sub,
  topological,
  type Value,
  where,
} from "../../lib/graph/mod.ts";
import { emit } from "../../lib/onnx/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";

const vector = (name: string, length = 3) => input(name, "float64", [length]);
const total = (x: Value) => reduceSum(x, [...x.shape.keys()]);

/** The elements of the gradients of `y`; each must be there. */
function gradientsAt(
  y: Value,
  wrt: readonly Value<"Input">[],
  inputs: Readonly<Record<string, readonly number[]>>,
): number[][] {
  const dxs = gradient(y, wrt).map((dx, i) => {
    assert.ok(dx !== null, `no gradient of ${wrt[i]!.attrs.name}`);
    assert.deepEqual(dx.shape, wrt[i]!.shape);
    return [`grad ${i}`, dx] as const;
  });
  const results = evaluate(Object.fromEntries(dxs), inputs);
  return dxs.map(([name]) => results[name]!);
}

Deno.test("gradient() adds up what a value used three times gets", () => {
  const x = vector("x");
  const y = total(add(mul(x, x), mul(x, 5))); // x^2 + 5 x: x is an operand three times
  assert.deepEqual(gradientsAt(y, [x], { x: [1, -2, 0.5] }), [[7, 1, 6]]);
});

Deno.test("gradient() adds up over an intermediate value before going on", () => {
  const x = vector("x");
  const e = exp(x);
  const y = total(add(mul(e, e), sub(e, mul(e, 3)))); // e^2x - 2 e^x
  const at = [0, 0.5, -1];
  const expected = at.map((t) => 2 * Math.exp(2 * t) - 2 * Math.exp(t));
  assertClose(gradientsAt(y, [x], { x: at })[0]!, expected, 1e-15);
});

Deno.test("gradient() undoes broadcasting of leading axes, inner axes and scalars", () => {
  const big = input("big", "float64", [2, 3, 2]);
  const lead = input("lead", "float64", [3, 2]);
  const inner = input("inner", "float64", [2, 1, 2]);
  const both = input("both", "float64", [3, 1]);
  const scalar = input("scalar", "float64", []);
  const one = input("one", "float64", [1, 1, 1]);
  const wrt = [lead, inner, both, scalar, one];
  const y = total(mul(big, wrt.reduce<Value>((a, b) => add(a, b), one)));
  const elements = Array.from({ length: 12 }, (_, i) => i + 1);
  const zeros = Object.fromEntries(wrt.map((x) => [x.attrs.name, new Array(12).fill(0)]));
  const inputs = { lead: 6, inner: 4, both: 3, scalar: 1, one: 1 };
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, count]) => [name, zeros[name]!.slice(0, count)]),
  );
  assert.deepEqual(gradientsAt(y, wrt, { big: elements, ...given }), [
    [8, 10, 12, 14, 16, 18],
    [9, 12, 27, 30],
    [18, 26, 34],
    [78],
    [156], // it is an operand twice
  ]);
});

Deno.test("gradient() gives the unused parts of a Split zeros", () => {
  const x = input("x", "float64", [2, 4]);
  const [first, , last] = split(x, 1, [1, 2, 1]);
  const y = total(add(mul(first!, 2), mul(last!, 3)));
  const at = { x: [1, 2, 3, 4, 5, 6, 7, 8] };
  assert.deepEqual(gradientsAt(y, [x], at), [[2, 0, 0, 3, 2, 0, 0, 3]]);
});

Deno.test("gradient() counts a Split itself as its first part", () => {
  const x = vector("x", 4);
  const parts = split(x, 0, [2, 2]);
  const whole = parts[0]!.inputs[0] as Value;
  const y = total(add(mul(whole, 2), add(parts[0]!, mul(parts[1]!, 7))));
  assert.deepEqual(gradientsAt(y, [x], { x: [1, 2, 3, 4] }), [[3, 3, 7, 7]]);
});

Deno.test("gradient() of permuteRows() puts rows back where they came from", () => {
  const x = input("x", "float64", [2, 4, 2]);
  const order = input("order", "int64", [2, 4]);
  const weights = input("weights", "float64", [2, 4, 2]);
  const y = total(mul(permuteRows(x, order), weights));
  const dx = gradient(y, [x])[0]!;
  const inverse = permuteRows(weights, inversePermutation(order));
  const inputs = {
    x: new Array(16).fill(0),
    order: [2, 0, 3, 1, 3, 2, 1, 0],
    weights: Array.from({ length: 16 }, (_, i) => i),
  };
  const { back, ...results } = evaluate(
    { dx, inverse, back: permuteRows(dx, order) },
    inputs,
  );
  assert.deepEqual(results.dx, [2, 3, 6, 7, 0, 1, 4, 5, 14, 15, 12, 13, 10, 11, 8, 9]);
  assert.deepEqual(results.inverse, results.dx);
  assert.deepEqual(back, inputs.weights, "the order applied to the gradient gives the weights");
  assert.equal(topological([dx]).some((value) => value.op === "Gather"), false);
});

Deno.test("gradient() of gather() adds up rows that were read twice", () => {
  const table = input("table", "float64", [4, 2]);
  const ids = input("ids", "int64", [3]);
  const y = total(mul(gather(table, ids), constant("float64", [3, 2], [1, 2, 3, 4, 5, 6])));
  const inputs = { table: new Array(8).fill(0), ids: [2, 0, 2] };
  assert.deepEqual(gradientsAt(y, [table], inputs), [[3, 4, 0, 0, 6, 8, 0, 0]]);
});

Deno.test("gradient() stops at stopGradient()", () => {
  const [x, w] = [vector("x"), vector("w")];
  assert.deepEqual(gradient(total(mul(stopGradient(x), 2)), [x]), [null]);
  const y = total(mul(mul(stopGradient(x), x), w)); // d/dx is w times the stopped x, not 2 w x
  const inputs = { x: [1, 2, 3], w: [10, 20, 30] };
  assert.deepEqual(gradientsAt(y, [x, w], inputs), [[10, 40, 90], [1, 4, 9]]);
});

Deno.test("gradient() never differentiates whole numbers, flags and positions", () => {
  const x = vector("x");
  const whole = input("whole", "int64", [3]);
  const flags = input("flags", "bool", [3]);
  const chosen = where(flags, cast(whole, "float64"), 0);
  const ranks = cast(smallest(x, 3).positions, "float64");
  const rounded = cast(cast(x, "int64"), "float64");
  const compared = cast(less(x, 0), "float64");
  const y = total([chosen, ranks, rounded, compared].reduce((a, b) => add(a, b)));
  assert.deepEqual(gradient(y, [x, whole, flags]), [null, null, null]);
});

Deno.test("gradient() of what it does not depend on is null", () => {
  const [x, other] = [vector("x"), vector("other")];
  const y = total(x);
  const [dx, none] = gradient(y, [x, other]);
  assert.notEqual(dx, null);
  assert.equal(none, null);
  // Not even where the other is part of the graph
  assert.deepEqual(gradient(y, [other]), [null]);
});

Deno.test("gradient() may be asked for an intermediate value, for a value twice, and for y itself", () => {
  const x = vector("x");
  const squared = mul(x, x);
  const y = total(mul(squared, 3));
  const [dSquared, again, dy, dx] = gradient(y, [squared, squared, y, x]);
  assert.equal(dSquared, again);
  const results = evaluate({ dSquared: dSquared!, dy: dy!, dx: dx! }, { x: [1, 2, 3] });
  assert.deepEqual(results, { dSquared: [3, 3, 3], dy: [1], dx: [6, 12, 18] });
});

Deno.test("gradient() can be differentiated again", () => {
  const x = vector("x");
  const dx = gradient(total(mul(mul(x, x), x)), [x])[0]!;
  assert.deepEqual(gradientsAt(total(dx), [x], { x: [1, 2, -3] }), [[6, 12, -18]]);
});

Deno.test("gradient() rejects what is no single float", () => {
  const rejects = (y: Value, type: string) =>
    assert.throws(() => gradient(y, []), {
      name: "TypeError",
      message: `Cannot differentiate ${type}: it must be a single float`,
    });
  rejects(vector("x"), "float64[3]");
  rejects(input("x", "float32", [1, 2]), "float32[1, 2]");
  rejects(input("x", "int64", []), "int64[]");
  rejects(less(input("x", "float32", []), 0), "bool[]");
  const single = input("x", "float64", [1, 1]);
  assert.deepEqual(gradientsAt(mul(single, single), [single], { x: [3] }), [[6]]);
});

Deno.test("gradient() of a chain of 20,000 ops does not exhaust the stack", () => {
  const x = vector("x", 1);
  let y: Value = x;
  for (let i = 0; i < 20_000; i++) y = i % 2 === 0 ? mul(y, x) : sub(y, x);
  const loss = reshape(y, []);
  const [dx] = gradient(loss, [x]);
  const order = topological([dx!]);
  assert.ok(order.length > 20_000, `${order.length} values`);
  assert.ok(emit({ dx: fuse([dx!])[0]! }, { name: "chain" }).byteLength > 20_000);
});

Deno.test("gradient() of a whole network agrees with differences", () => {
  // Two layers that share a weight, a concatenation, a softmax-like ratio
  const x = input("x", "float64", [2, 3]);
  const w = input("w", "float64", [3, 3]);
  const hidden = exp(mul(matmul(x, w, { transB: true }), 0.25));
  const joined = concat([matmul(hidden, w), hidden], 1);
  const y = total(mul(joined, joined));
  const at = { x: [0.5, -1, 2, 1, 0.25, -0.5], w: [1, 0, -1, 0.5, 2, 1, -1, 0.5, 0.25] };
  const [dx, dw] = gradientsAt(y, [x, w], at) as [number[], number[]];
  const loss = (inputs: typeof at) => evaluate({ y }, inputs).y[0]!;
  const step = 1e-5;
  const moved = (list: number[], i: number, by: number) => list.map((e, j) => i === j ? e + by : e);
  [0, 4].forEach((i) => {
    const slope = (loss({ ...at, x: moved(at.x, i, step) }) -
      loss({ ...at, x: moved(at.x, i, -step) })) / (2 * step);
    assertClose([dx[i]!], [slope], 1e-8, `x ${i}`);
    const steep = (loss({ ...at, w: moved(at.w, i, step) }) -
      loss({ ...at, w: moved(at.w, i, -step) })) / (2 * step);
    assertClose([dw[i]!], [steep], 1e-8, `w ${i}`);
  });
});
