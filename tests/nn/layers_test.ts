/** Linear layers, norms, attention and blocks against plain loops. */
import assert from "node:assert/strict";
import { input, type Value } from "../../lib/graph/mod.ts";
import {
  attention,
  attentionParameters,
  batchNorm,
  block,
  blockParameters,
  clsAttention,
  LAYER_NORM_EPSILON,
  layerNorm,
  layerNormParameters,
  linear,
  linearParameters,
  type Parameter,
  Parameters,
} from "../../lib/nn/mod.ts";
import { sizeOf } from "../../lib/tensor/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import * as reference from "./_reference.ts";
import { bindings, byImage, flat, normals, randomWeights, type Rows } from "./_reference.ts";

/** Float32 against float64. */
const TOLERANCE = 2e-6;

const B = 2, N = 5, D = 12, HEADS = 3;
const x = input("x", "float32", [B, N, D]);
const elements = normals(sizeOf(x.shape), 1);
const images = byImage(elements, x.shape);

/** Runs a layer over `x` with random weights. */
function run<Name extends string>(
  specs: readonly Parameter[],
  layer: (p: Parameters) => Record<Name, Value>,
) {
  const p = new Parameters(specs);
  const outputs = layer(p);
  const weights = randomWeights(specs);
  return {
    outputs,
    weights,
    p,
    results: evaluate(outputs, { x: elements, ...bindings(p, weights) }),
  };
}

const some = (rows: Rows[], from: number, to: number) => rows.map((image) => image.slice(from, to));

Deno.test("linear() multiplies by the weight's rows and adds the bias", () => {
  const { results, weights, outputs } = run(
    [...linearParameters("a", D, 7), ...linearParameters("b", D, 4, { bias: false })],
    (p) => ({ a: linear(p, "a", x), b: linear(p, "b", x) }),
  );
  assert.deepEqual(Object.keys(weights), ["a.weight", "a.bias", "b.weight"]);
  assert.deepEqual(outputs.a.shape, [B, N, 7]);
  for (const name of ["a", "b"] as const) {
    const expected = images.map((rows) => reference.linear(weights, name, rows));
    assertClose(results[name], flat(expected), TOLERANCE, name);
  }
});

Deno.test("linearParameters() has weights [out, in] as checkpoints store them", () => {
  assert.deepEqual(linearParameters("fc", 3, 5), [
    { name: "fc.weight", shape: [5, 3], init: "xavier" },
    { name: "fc.bias", shape: [5], init: "zeros" },
  ]);
});

Deno.test("layerNorm() normalises every row", () => {
  assert.equal(LAYER_NORM_EPSILON, 1e-6);
  const { results, weights } = run(
    layerNormParameters("norm", D),
    (p) => ({ y: layerNorm(p, "norm", x) }),
  );
  const expected = images.map((rows) => reference.layerNorm(weights, "norm", rows));
  assertClose(results.y, flat(expected), TOLERANCE);
});

Deno.test("attention() mixes all rows, or those asked for", () => {
  const { results, weights, outputs } = run(attentionParameters("attn", D), (p) => ({
    all: attention(p, "attn", x, { heads: HEADS }).y,
    some: attention(p, "attn", x, { heads: HEADS, queries: [1, 3] }).y,
  }));
  const expected = images.map((rows) => reference.attention(weights, "attn", rows, HEADS).y);
  assert.deepEqual(outputs.some.shape, [B, 2, D]);
  assertClose(results.all, flat(expected), TOLERANCE);
  assertClose(results.some, flat(some(expected, 1, 3)), TOLERANCE);
});

Deno.test("attention() needs no bias of the keys", () => {
  // The reference adds it: softmax does not see what is the same for all keys
  const p = new Parameters(attentionParameters("attn", D));
  attention(p, "attn", x, { heads: HEADS });
  const biases = p.views.map(({ value }) => value.attrs.name).filter((name) => /bias/.test(name));
  assert.deepEqual(biases.sort(), [
    "attn.proj.bias",
    `attn.qkv.bias[0:${D}]`,
    `attn.qkv.bias[${2 * D}:${3 * D}]`,
  ]);
});

Deno.test("clsAttention() is what row 0 looks at, averaged over heads", () => {
  const { results, weights, outputs } = run(attentionParameters("attn", D), (p) => ({
    fresh: clsAttention(p, "attn", x, { heads: HEADS }),
    reused: clsAttention(p, "attn", x, {
      heads: HEADS,
      projected: attention(p, "attn", x, { heads: HEADS }),
    }),
  }));
  assert.deepEqual(outputs.fresh.shape, [B, N - 1]);
  const expected = flat(
    images.map((rows) =>
      reference.clsAttention(reference.attention(weights, "attn", rows, HEADS).probabilities)
    ),
  );
  assertClose(results.fresh, expected, TOLERANCE);
  assertClose(results.reused, expected, TOLERANCE);
});

Deno.test("block() gives all rows, or those asked for", () => {
  const { results, weights, outputs } = run(blockParameters("block", D, 4), (p) => ({
    all: block(p, "block", x, { heads: HEADS }).y,
    first: block(p, "block", x, { heads: HEADS, rows: [0, 1] }).y,
    tail: block(p, "block", x, { heads: HEADS, rows: [3, 5] }).y,
    normed: block(p, "block", x, { heads: HEADS }).normed,
  }));
  const expected = images.map((rows) => reference.block(weights, "block", rows, HEADS).y);
  assert.deepEqual(outputs.first.shape, [B, 1, D]);
  assertClose(results.all, flat(expected), TOLERANCE);
  assertClose(results.first, flat(some(expected, 0, 1)), TOLERANCE);
  assertClose(results.tail, flat(some(expected, 3, 5)), TOLERANCE);
  const normed = images.map((rows) => reference.layerNorm(weights, "block.norm1", rows));
  assertClose(results.normed, flat(normed), TOLERANCE);
});

Deno.test("blockParameters() has timm's names and order", () => {
  assert.deepEqual(blockParameters("b", 4, 2).map(({ name, shape }) => `${name} ${shape}`), [
    "b.norm1.weight 4",
    "b.norm1.bias 4",
    "b.attn.qkv.weight 12,4",
    "b.attn.qkv.bias 12",
    "b.attn.proj.weight 4,4",
    "b.attn.proj.bias 4",
    "b.norm2.weight 4",
    "b.norm2.bias 4",
    "b.mlp.fc1.weight 8,4",
    "b.mlp.fc1.bias 8",
    "b.mlp.fc2.weight 4,8",
    "b.mlp.fc2.bias 4",
  ]);
});

Deno.test("batchNorm() normalises by the batch and keeps running statistics over two updates", () => {
  const options = { epsilon: 1e-5, momentum: 0.1 };
  const [a, b] = ["a", "b"].map((name) => input(name, "float32", [6, 4])) as [Value, Value];
  const statistics = {
    mean: input("mean", "float32", [4]),
    variance: input("variance", "float32", [4]),
  };
  const first = batchNorm(a, statistics, options);
  const second = batchNorm(b, first.running, options);
  const given = {
    a: normals(24, 2, 3),
    b: normals(24, 3).map((e) => e + 2),
    mean: [0, 0.5, -1, 2],
    variance: [1, 2, 0.5, 3],
  };
  const results = evaluate({
    y1: first.y,
    y2: second.y,
    mean1: first.running.mean,
    variance1: first.running.variance,
    mean2: second.running.mean,
    variance2: second.running.variance,
  }, given);
  const one = reference.batchNorm(byImage(given.a, [1, 6, 4])[0]!, given);
  const two = reference.batchNorm(byImage(given.b, [1, 6, 4])[0]!, one.running);
  assertClose(results.y1, flat(one.y), TOLERANCE);
  assertClose(results.y2, flat(two.y), TOLERANCE);
  assertClose(results.mean1, one.running.mean, TOLERANCE);
  assertClose(results.variance1, one.running.variance, TOLERANCE);
  assertClose(results.mean2, two.running.mean, TOLERANCE);
  assertClose(results.variance2, two.running.variance, TOLERANCE);
});
