import assert from "node:assert/strict";
import {
  type DeviceContext,
  Environment,
  openFakeContext,
  openHostContext,
} from "../../lib/runtime/mod.ts";
import { knnAccuracy } from "../../lib/probe/knn.ts";
import { nearest, type NeighbourOptions } from "../../lib/probe/neighbours.ts";
import { random } from "../../lib/tensor/mod.ts";

const WIDTH = 5;

/** Rows of normal numbers; every fourth repeats the one before, so that there are ties. */
function rows(count: number, seed: number) {
  const stream = random({ seed, purpose: "draw" });
  const values = Float32Array.from({ length: count * WIDTH }, () => stream.normal());
  for (let i = 3; i < count; i += 4) values.copyWithin(i * WIDTH, (i - 1) * WIDTH, i * WIDTH);
  return { values, width: WIDTH };
}

type Rows = ReturnType<typeof rows>;

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Similarity of the k-th nearest of all for each query and k, and that of any pair. */
function bruteForce(bank: Rows, queries: Rows) {
  const row = ({ values }: Rows, i: number) => values.subarray(i * WIDTH, (i + 1) * WIDTH);
  const count = (x: Rows) => x.values.length / WIDTH;
  const all = Array.from(
    { length: count(queries) },
    (_, q) => Array.from({ length: count(bank) }, (_, i) => cosine(row(bank, i), row(queries, q))),
  );
  return { all, sorted: all.map((own) => own.toSorted((a, b) => b - a)) };
}

function find(
  bank: Rows,
  queries: Rows,
  options: NeighbourOptions,
  open: (environment: Environment) => DeviceContext = openHostContext,
) {
  using environment = Environment.open();
  using context = open(environment);
  return nearest(context, bank, queries, { session: { threads: 1 }, ...options });
}

Deno.test("nearest() finds what comparing all pairs finds, whatever the blocks", () => {
  const bank = rows(37, 1), queries = rows(13, 2), k = 6;
  const { all, sorted } = bruteForce(bank, queries);
  for (
    const block of [{ queries: 512, bank: 8192 }, { queries: 4, bank: 10 }, { queries: 1, bank: 1 }]
  ) {
    const { indices, similarities } = find(bank, queries, { k, block })!;
    sorted.forEach((own, q) => {
      const found = [...indices.subarray(q * k, (q + 1) * k)];
      assert.equal(new Set(found).size, k, "each is another");
      found.forEach((index, i) => {
        // Among rows that repeat each other rounding decides
        assert.ok(Math.abs(all[q]![index]! - own[i]!) < 1e-6, `neighbour ${i} of query ${q}`);
        assert.ok(Math.abs(similarities[q * k + i]! - own[i]!) < 1e-6);
      });
    });
  }
});

Deno.test("nearest() finds the same on a device that the host cannot reach", () => {
  const bank = rows(37, 1), queries = rows(13, 2);
  const options = { k: 6, block: { queries: 4, bank: 10 } };
  assert.deepEqual(
    find(bank, queries, options, openFakeContext)!.indices,
    find(bank, queries, options)!.indices,
  );
});

Deno.test("nearest() tells how far it is, and stops", () => {
  const shares: number[] = [];
  const options = { k: 2, block: { queries: 2, bank: 4 } };
  find(rows(6, 1), rows(3, 2), { ...options, progress: (share) => shares.push(share) });
  assert.deepEqual(shares.map((share) => Math.round(18 * share)), [8, 12, 16, 18]);
  let runs = 0;
  assert.equal(find(rows(6, 1), rows(3, 2), { ...options, stopped: () => ++runs > 2 }), null);
});

Deno.test("nearest() refuses more neighbours than there are, and other widths", () => {
  assert.throws(() => find(rows(3, 1), rows(2, 2), { k: 4 }), /Cannot find 4 neighbours among 3/);
  assert.throws(
    () => find(rows(3, 1), { values: new Float32Array(4), width: 4 }, { k: 1 }),
    /Cannot compare rows of 4 numbers with rows of 5/,
  );
});

Deno.test("knnAccuracy() lets the nearest vote with exp(cosine / T)", () => {
  const values = (angles: number[]) =>
    Float32Array.from(angles.flatMap((x) => [Math.cos(x), Math.sin(x)]));
  const bank = { values: values([0.1, 0.5, 0.5, 2]), width: 2, labels: Int32Array.of(0, 1, 1, 2) };
  const queries = { values: values([0, 2.2]), width: 2, labels: Int32Array.of(0, 2) };
  using environment = Environment.open();
  using context = openHostContext(environment);
  const run = (temperature: number) =>
    knnAccuracy(context, bank, queries, { k: 3, temperature, classes: 3 })!;
  // Of the first query: exp(cos 0.1 / T) against 2 exp(cos 0.5 / T): the cosines differ by 0.1174, so it is T < 0.1694
  assert.deepEqual(run(0.16).confusion, [[1, 0, 0], [0, 0, 0], [0, 0, 1]]);
  assert.deepEqual(run(0.18).confusion, [[0, 1, 0], [0, 0, 0], [0, 0, 1]]);
  assert.equal(run(1e-4).top1, 1, "nothing overflows");
});
