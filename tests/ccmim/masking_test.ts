import assert from "node:assert/strict";
import { input, type Value } from "../../lib/graph/mod.ts";
import { maskingKey, maskingOrder, needsScores, SAMPLINGS } from "../../lib/ccmim/mod.ts";
import { random } from "../../lib/tensor/mod.ts";
import { evaluate } from "../_run.ts";
import { cut, flat } from "../nn/_reference.ts";
import * as reference from "./_reference.ts";

const B = 8, L = 16;
const noise = input("noise", "float32", [B, L]);
const scores = input("scores", "float32", [B, L]);
const stream = random({ seed: 1, purpose: "mask" });
const inputs = {
  noise: Array.from({ length: B * L }, stream.uniform),
  scores: Array.from({ length: B * L }, () => Math.fround(0.75 * stream.uniform())),
};
const [u, a] = [cut(inputs.noise, L), cut(inputs.scores, L)];

const orderOf = (key: Value) => {
  const order = maskingOrder(key);
  assert.equal(order.dtype, "int64");
  return evaluate({ order }, inputs).order;
};

Deno.test("maskingOrder() is the order of each sampling's formula, at any temperature", () => {
  for (const sampling of SAMPLINGS) {
    for (const tau of [1, 0.125, 4]) {
      const expected = u.map((row, b) => reference.maskingKey(sampling, row, a[b]!, tau));
      assert.deepEqual(
        orderOf(maskingKey(sampling, noise, scores, tau)),
        flat(expected.map(reference.ranking)),
        `${sampling}, temperature ${tau}`,
      );
    }
  }
});

Deno.test("maskingOrder() follows the scores where they are too sharp for a softmax", () => {
  const byScore = flat(a.map(reference.ranking));
  for (const sampling of ["importance", "topk"] as const) {
    assert.deepEqual(orderOf(maskingKey(sampling, noise, scores, 1e-7)), byScore, sampling);
  }
});

Deno.test("maskingOrder() of importance sampling is the order of a - u", () => {
  const order = orderOf(maskingKey("importance", noise, scores, 1));
  const differences = u.map((row, b) => row.map((x, i) => a[b]![i]! - x));
  assert.deepEqual(order, flat(differences.map(reference.ranking)));
});

Deno.test("maskingOrder() of a sharper importance sampling is the order of a / tau - u", () => {
  const order = orderOf(maskingKey("importance", noise, scores, 0.25));
  const differences = u.map((row, b) => row.map((x, i) => 4 * a[b]![i]! - x));
  assert.deepEqual(order, flat(differences.map(reference.ranking)));
});

Deno.test("maskingOrder() ranks by noise alone, by scores alone, or by both", () => {
  assert.deepEqual(
    orderOf(maskingKey("random", noise, null, 1)),
    flat(u.map(reference.ranking)),
  );
  assert.deepEqual(
    orderOf(maskingKey("topk", noise, scores, 1)),
    flat(a.map(reference.ranking)),
  );
  const gumbel = u.map((row, b) => reference.maskingKey("gumbel", row, a[b]!, 1));
  assert.deepEqual(
    orderOf(maskingKey("gumbel", noise, scores, 1)),
    flat(gumbel.map(reference.ranking)),
  );
});

Deno.test("maskingOrder() is a permutation, also of ties, which go to the lower place", () => {
  const key = input("key", "float32", [2, 6]);
  const { order } = evaluate({ order: maskingOrder(key) }, {
    key: [1, 0, 1, 0, 1, 0, 3, 3, 3, 3, 3, 3],
  });
  assert.deepEqual(order, [1, 3, 5, 0, 2, 4, 0, 1, 2, 3, 4, 5]);
});

Deno.test("maskingKey() of noise 0 is still ranked", () => {
  const [zero, flatScores] = [new Array(B * L).fill(0), new Array(B * L).fill(0.5)];
  for (const sampling of SAMPLINGS) {
    const order = maskingOrder(maskingKey(sampling, noise, scores, 1));
    const results = evaluate({ order }, { noise: zero, scores: flatScores });
    assert.deepEqual(cut(results.order, L)[0]!.toSorted((i, j) => i - j), [...new Array(L).keys()]);
  }
});

Deno.test("gumbel sampling masks patches as often as softmax of their scores says", () => {
  // The last in the order is the first drawn without replacement: its probability is the softmax
  const draws = 4000;
  const many = input("many", "float32", [draws, 3]);
  const fixed = input("fixed", "float32", [draws, 3]);
  const order = maskingOrder(maskingKey("gumbel", many, fixed, 1));
  const uniform = random({ seed: 2, purpose: "mask" }).uniform;
  const results = evaluate({ order }, {
    many: Array.from({ length: 3 * draws }, uniform),
    fixed: Array.from({ length: draws }, () => [0, Math.log(2), Math.log(5)]).flat(),
  });
  const last = cut(results.order, 3).map((row) => row[2]!);
  [1 / 8, 2 / 8, 5 / 8].forEach((share, place) => {
    const count = last.filter((x) => x === place).length;
    assert.ok(Math.abs(count / draws - share) < 0.03, `${place}: ${count} of ${draws}`);
  });
});

Deno.test("needsScores() is true but for random masking, and the scores must then be there", () => {
  assert.deepEqual(SAMPLINGS.filter(needsScores), ["importance", "gumbel", "topk"]);
  for (const sampling of SAMPLINGS.filter(needsScores)) {
    assert.throws(() => maskingKey(sampling, noise, null, 1), {
      name: "TypeError",
      message: `Cannot rank patches by ${sampling} sampling: the attention of CLS is missing`,
    });
  }
});
