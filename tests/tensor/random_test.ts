import assert from "node:assert/strict";
import {
  permutation,
  philox,
  PURPOSES,
  random,
  type Stream,
  type StreamKey,
} from "../../lib/tensor/mod.ts";

const take = (count: number, next: () => number) => Array.from({ length: count }, next);
const words = (key: StreamKey, count = 8) => take(count, random(key).uint32);
const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b) / xs.length;
const variance = (xs: readonly number[]) => {
  const centre = mean(xs);
  return mean(xs.map((x) => (x - centre) ** 2));
};

Deno.test("philox() gives the known answers of Random123", () => {
  const all = 0xffffffff;
  assert.deepEqual(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  assert.deepEqual(philox([all, all, all, all], [all, all]), [
    0x408f276d,
    0x41c83b0e,
    0xa20bc7c6,
    0x6d5451fd,
  ]);
  assert.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

Deno.test("random() counts blocks, sample, epoch and purpose, with the seed as key", () => {
  const seed = 5 * 2 ** 32 + 7;
  const purpose = "mask";
  const expected = [0, 1].flatMap((block) =>
    philox([block, 11, 3, PURPOSES.indexOf(purpose)], [7, 5])
  );
  assert.deepEqual(words({ seed, purpose, epoch: 3, sample: 11 }), expected);
  assert.deepEqual(words({ seed, purpose }), words({ seed, purpose, epoch: 0, sample: 0 }));
});

Deno.test("random() keeps the purposes' places, which are part of every stream", () => {
  assert.deepEqual(PURPOSES, [
    ...["init", "shuffle", "crop", "flip", "mask", "split", "draw"],
    ...["path", "mix", "augment", "erase"],
  ]);
});

Deno.test("random() gives another stream for every seed, purpose, epoch and sample", () => {
  const keys: StreamKey[] = [0, 1, 2 ** 32, 2 ** 53 - 1].flatMap((seed) =>
    PURPOSES.flatMap((purpose) =>
      [0, 1, 2 ** 32 - 1].flatMap((epoch) =>
        [0, 1, 2 ** 32 - 1].map((sample) => ({ seed, purpose, epoch, sample }))
      )
    )
  );
  const starts = new Set(keys.map((key) => words(key, 2).join()));
  assert.equal(starts.size, keys.length);
  // Neighbouring streams share no number, wherever they start
  const first = new Set(words({ seed: 1, purpose: "mask", sample: 1 }, 4000));
  const shared = words({ seed: 1, purpose: "mask", sample: 2 }, 4000).filter((n) => first.has(n));
  assert.ok(shared.length < 5, `${shared.length} shared numbers`);
});

Deno.test("random() gives the same numbers however the streams are interleaved", () => {
  const a = random({ seed: 1, purpose: "crop", sample: 1 });
  const b = random({ seed: 1, purpose: "crop", sample: 2 });
  const [inA, inB]: [number[], number[]] = [[], []];
  for (let i = 0; i < 9; i++) {
    inA.push(a.uint32());
    if (i % 2) inB.push(b.uint32(), b.uint32());
  }
  assert.deepEqual(inA, words({ seed: 1, purpose: "crop", sample: 1 }, 9));
  assert.deepEqual(inB, words({ seed: 1, purpose: "crop", sample: 2 }, 8));
});

Deno.test("random() rejects numbers that are out of range", () => {
  const bad = (key: Partial<StreamKey>, message: string) =>
    assert.throws(() => random({ seed: 0, purpose: "init", ...key }), {
      name: "RangeError",
      message,
    });
  bad({ seed: -1 }, "Cannot use -1 as seed: it must be a whole number in [0, 9007199254740992)");
  bad(
    { seed: 2 ** 53 },
    "Cannot use 9007199254740992 as seed: it must be a whole number in " +
      "[0, 9007199254740992)",
  );
  bad({ epoch: 0.5 }, "Cannot use 0.5 as epoch: it must be a whole number in [0, 4294967296)");
  bad(
    { sample: 2 ** 32 },
    "Cannot use 4294967296 as sample: it must be a whole number in " +
      "[0, 4294967296)",
  );
  bad({ sample: NaN }, "Cannot use NaN as sample: it must be a whole number in [0, 4294967296)");
});

const N = 20_000;

Deno.test("uniform() is uniform in [0, 1) and exact in float32", () => {
  const xs = take(N, random({ seed: 3, purpose: "draw" }).uniform);
  assert.ok(xs.every((x) => x >= 0 && x < 1 && Math.fround(x) === x));
  assert.ok(Math.abs(mean(xs) - 1 / 2) < 0.01);
  assert.ok(Math.abs(variance(xs) - 1 / 12) < 0.003);
  const tenths = new Array(10).fill(0);
  for (const x of xs) tenths[Math.floor(10 * x)]++;
  for (const count of tenths) assert.ok(Math.abs(count - N / 10) < 5 * Math.sqrt(N / 10));
});

Deno.test("normal() has mean 0, deviation 1 and the tails of the bell", () => {
  const xs = take(N, random({ seed: 4, purpose: "draw" }).normal);
  assert.ok(xs.every(Number.isFinite));
  assert.ok(Math.abs(mean(xs)) < 0.03);
  assert.ok(Math.abs(variance(xs) - 1) < 0.05);
  const within = (bound: number) => xs.filter((x) => Math.abs(x) < bound).length / N;
  assert.ok(Math.abs(within(1) - 0.6827) < 0.015);
  assert.ok(Math.abs(within(2) - 0.9545) < 0.008);
});

Deno.test("below() is uniform over every whole number below its bound", () => {
  for (const bound of [1, 2, 3, 7]) {
    const stream = random({ seed: 5, purpose: "draw", sample: bound });
    const counts = new Array(bound).fill(0);
    for (let i = 0; i < 7000; i++) counts[stream.below(bound)]++;
    for (const count of counts) {
      assert.ok(Math.abs(count - 7000 / bound) < 5 * Math.sqrt(7000 / bound), `${counts}`);
    }
  }
});

Deno.test("below() draws again what a remainder would favour", () => {
  // Of 2^32 words, those from 2 x bound on are left over: a plain remainder would give the lower third twice as often
  const bound = 3 * 2 ** 30;
  const stream = random({ seed: 6, purpose: "draw" });
  const low = take(3000, () => stream.below(bound)).filter((x) => x < 2 ** 30).length;
  assert.ok(Math.abs(low - 1000) < 130, `${low} of 3000 in the lowest third`);
  const { below } = random({ seed: 6, purpose: "draw" });
  const accepted = words({ seed: 6, purpose: "draw" }, 40).filter((word) => word < bound);
  assert.deepEqual(take(accepted.length, () => below(bound)), accepted);
});

Deno.test("below() takes bounds up to 2^32 and rejects others", () => {
  const { below } = random({ seed: 1, purpose: "draw" });
  assert.deepEqual(take(4, () => below(2 ** 32)), words({ seed: 1, purpose: "draw" }, 4));
  assert.deepEqual(take(4, () => below(1)), [0, 0, 0, 0]);
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1, NaN]) {
    assert.throws(() => below(bound), {
      name: "RangeError",
      message: `Cannot draw below ${bound}: the bound must be a whole number in [1, 4294967296]`,
    });
  }
});

Deno.test("permutation() is one, and every one is as likely", () => {
  for (const count of [0, 1, 2, 100]) {
    const order = permutation(random({ seed: 1, purpose: "shuffle" }), count);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      take(
        count,
        (() => {
          let i = 0;
          return () => i++;
        })(),
      ),
    );
  }
  const stream: Stream = random({ seed: 2, purpose: "shuffle" });
  const seen = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = permutation(stream, 3).join();
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  assert.equal(seen.size, 6);
  for (const count of seen.values()) assert.ok(Math.abs(count - 1000) < 160, `${[...seen]}`);
});
