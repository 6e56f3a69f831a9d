import assert from "node:assert/strict";
import {
  add,
  div,
  expand,
  fuse,
  gelu,
  gradient,
  input,
  matmul,
  mul,
  type Op,
  reduceSum,
  reshape,
  REWRITE_NAMES,
  type RewriteName,
  softmax,
  sub,
  topological,
  transpose,
  type Value,
} from "../../lib/graph/mod.ts";
import { random, sizeOf } from "../../lib/tensor/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";

const B = 2, H = 3, D = 12;
const dtype = "float32";
const q = input("q", dtype, [B, 4, D]);
const k = input("k", dtype, [B, 5, D]);
const v = input("v", dtype, [B, 5, D]);

function elements(x: Value, sample: number): number[] {
  const stream = random({ seed: 3, purpose: "draw", sample });
  return Array.from({ length: sizeOf(x.shape) }, () => 2 * stream.uniform() - 1);
}

const inputs = { q: elements(q, 1), k: elements(k, 2), v: elements(v, 3) };

const heads = (x: Value, count = H) => {
  const [batch, rows, width] = x.shape as [number, number, number];
  return transpose(reshape(x, [batch, rows, count, width / count]), [0, 2, 1, 3]);
};
const scoresOf = (a: Value, b: Value) => matmul(a, b, { transB: true, alpha: 0.5 });
const join = (x: Value) => {
  const [batch, count, rows, size] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, rows, count * size]);
};
const attention = (a: Value = q, b: Value = k, c: Value = v) =>
  join(matmul(softmax(scoresOf(heads(a), heads(b))), heads(c)));

const count = (outputs: readonly Value[], op: Op) =>
  topological(outputs).filter((value) => value.op === op).length;

Deno.test("fuse() makes attention without a gradient one kernel that gives the same numbers", () => {
  const plain = attention();
  const [fused] = fuse([plain]) as [Value];
  assert.deepEqual(topological([fused]).map(({ op }) => op), [
    "Input",
    "Input",
    "Input",
    "MultiHeadAttention",
  ]);
  const results = evaluate({ plain, fused }, inputs);
  assertClose(results.fused, results.plain, 1e-6);
});

Deno.test("fuse() reaches attention whose operands and users are rewritten as well", () => {
  const once = add(attention(mul(q, 2)), expand(reshape(q, [B, 4, D]), [B, 4, D]));
  const twice = attention(once, once, once);
  const [fused] = fuse([twice]) as [Value];
  assert.equal(count([twice], "MultiHeadAttention"), 0);
  assert.equal(count([fused], "MultiHeadAttention"), 2);
  assert.equal(count([fused], "Softmax"), 0);
  const results = evaluate({ twice, fused }, inputs);
  assertClose(results.fused, results.twice, 1e-6);
});

Deno.test("fuse() leaves attention whose probabilities the gradient reads", () => {
  const loss = reduceSum(mul(attention(), q), [0, 1, 2]);
  const wrt = [q, k, v];
  for (const some of [wrt, [q], [k], [v]]) {
    const plain = [loss, ...gradient(loss, some).map((dx) => dx!)];
    const fused = fuse(plain);
    assert.equal(count(fused, "MultiHeadAttention"), 0);
    assert.equal(count(fused, "Softmax"), 1);
  }
});

Deno.test("fuse() fuses attention beside a gradient that does not pass it", () => {
  const weight = input("weight", dtype, [1, 1, D]);
  const loss = reduceSum(mul(attention(), weight), [0, 1, 2]);
  const [dWeight] = gradient(loss, [weight]) as [Value];
  const fused = fuse([loss, dWeight]);
  assert.equal(count(fused, "MultiHeadAttention"), 1);
  assert.equal(count(fused, "Softmax"), 0);
  const given = { ...inputs, weight: elements(weight, 4) };
  const results = evaluate({ a: dWeight, b: fused[1]! }, given);
  assertClose(results.b, results.a, 1e-6);
});

Deno.test("fuse() leaves attention of which more than the result is wanted", () => {
  const scores = scoresOf(heads(q), heads(k));
  const probabilities = softmax(scores);
  const mixed = matmul(probabilities, heads(v));
  for (const wanted of [scores, probabilities, mixed]) {
    assert.equal(count(fuse([join(mixed), wanted]), "MultiHeadAttention"), 0, wanted.op);
  }
});

Deno.test("fuse() leaves what only looks like attention", () => {
  const probabilities = softmax(scoresOf(heads(q), heads(k)));
  const square = input("square", dtype, [B, 4, D]); // 4 rows, heads of 4 columns
  const shared = input("shared", dtype, [B, 5, D / H]); // one head for all queries
  const wide = (name: string) => input(name, "float64", [B, 4, D]);
  const lookalikes: Record<string, Value> = {
    "scaled result": join(matmul(probabilities, heads(v), { alpha: 2 })),
    "transposed queries": join(matmul(
      softmax(matmul(heads(square), heads(square), { transA: true, transB: true })),
      heads(square),
    )),
    "transposed values": join(matmul(
      softmax(scoresOf(heads(square), heads(square))),
      heads(square),
      { transB: true },
    )),
    "untransposed keys": join(matmul(softmax(matmul(heads(square), heads(square))), heads(square))),
    "shared keys": join(matmul(softmax(scoresOf(heads(q), heads(shared, 1))), heads(v))),
    "other joining": reshape(
      transpose(matmul(probabilities, heads(v)), [0, 2, 1, 3]),
      [B, 2, 2 * D],
    ),
    "other splitting": join(matmul(
      softmax(scoresOf(heads(square), reshape(square, [B, H, 4, D / H]))),
      heads(square),
    )),
    "float64": attention(wide("q"), wide("k"), wide("v")),
  };
  const given = { ...inputs, square: elements(square, 5), shared: elements(shared, 6) };
  for (const [name, value] of Object.entries(lookalikes)) {
    const [fused] = fuse([value]) as [Value];
    assert.equal(count([fused], "MultiHeadAttention"), 0, name);
    if (value.dtype === "float64") continue;
    const results = evaluate({ value, fused }, given);
    assert.deepEqual(results.fused, results.value, name);
  }
});

Deno.test("fuse() forms no expanded operand of an op that broadcasts anyway", () => {
  const row = input("row", dtype, [1, 1, D]);
  const wide = expand(row, [B, 4, D]);
  for (const op of [add, sub, mul, div]) {
    for (const value of [op(q, wide), op(wide, q), op(add(wide, 1), wide)]) {
      const [fused] = fuse([value]) as [Value];
      const results = evaluate({ value, fused }, { ...inputs, row: elements(row, 7) });
      assert.deepEqual(results.fused, results.value);
      assert.deepEqual(fused.shape, value.shape);
    }
    assert.equal(count(fuse([op(q, wide)]), "Expand"), 0);
  }
});

Deno.test("fuse() keeps an expanded operand that the shape of the result comes from", () => {
  const row = input("row", dtype, [1, 1, D]);
  const wide = expand(row, [B, 4, D]);
  const value = mul(wide, expand(input("column", dtype, [1, 4, 1]), [B, 4, D]));
  const [fused] = fuse([value]) as [Value];
  assert.deepEqual(fused.shape, value.shape);
  assert.ok(count([fused], "Expand") >= 1);
  const [same] = fuse([mul(wide, wide)]) as [Value];
  assert.deepEqual(same.shape, [B, 4, D]);
});

Deno.test("fuse() adds a bias and takes GELU in one kernel, to the same numbers", () => {
  const bias = input("bias", dtype, [D]);
  const plain = gelu(add(q, bias));
  const [fused] = fuse([plain]) as [Value];
  assert.deepEqual(topological([fused]).map(({ op }) => op), ["Input", "Input", "BiasGelu"]);
  const results = evaluate({ plain, fused }, { ...inputs, bias: elements(bias, 7) });
  assertClose(results.fused, results.plain, 1e-6);
});

Deno.test("fuse() leaves GELU whose operand is read elsewhere, or is no biased value", () => {
  const bias = input("bias", dtype, [D]);
  const sum = add(q, bias);
  const [, dSum] = [0, ...gradient(reduceSum(gelu(sum), [0, 1, 2]), [bias])];
  const wide = input("wide", "float64", [D]);
  for (
    const outputs of [
      [gelu(sum), sum],
      [gelu(sum), dSum!],
      [gelu(add(bias, q))],
      [gelu(add(q, q))],
      [gelu(add(wide, wide))],
    ]
  ) {
    assert.equal(count(fuse(outputs), "BiasGelu"), 0);
  }
});

Deno.test("fuse() applies the rewrites that are named alone", () => {
  const row = expand(input("row", dtype, [1, 1, D]), [B, 4, D]);
  const value = attention(mul(gelu(add(q, input("bias", dtype, [D]))), row));
  const ops = { "fuse-attention": "MultiHeadAttention", "fuse-bias-gelu": "BiasGelu" } as const;
  const found = (rewrites?: RewriteName[]) => {
    const fused = fuse([value], { rewrites });
    const names = Object.entries(ops).flatMap(([name, op]) => count(fused, op) > 0 ? [name] : []);
    return count(fused, "Expand") === 0 ? [...names, "skip-expand"] : names;
  };
  assert.deepEqual(found(), REWRITE_NAMES);
  assert.deepEqual(found([]), []);
  for (const name of REWRITE_NAMES) assert.deepEqual(found([name]), [name]);
});
