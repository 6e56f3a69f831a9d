/**
 * Counter-based random numbers: a number is a pure function of (seed, purpose, epoch, sample, position),
 * so the order of work, the number of workers and a resume cannot change it.
 *
 * The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */

/** What the numbers are for. Streams of different purposes are independent. */
// deno-fmt-ignore: their order is part of every random number
export const PURPOSES = [
  "init", "shuffle", "crop", "flip", "mask", "split", "draw", "path", "mix", "augment", "erase",
] as const;

/** One of {@linkcode PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** Where a stream starts. Each number is a whole number in [0, 2^32), the seed in [0, 2^53). */
export interface StreamKey {
  /** In [0, 2^53). */
  readonly seed: number;
  /** What the numbers are for: streams of different purposes have nothing in common. */
  readonly purpose: Purpose;
  /** Default 0. */
  readonly epoch?: number;
  /** Default 0. */
  readonly sample?: number;
}

/** A sequence of random numbers. */
export interface Stream {
  /** Uniform whole number in [0, 2^32). */
  uint32(): number;
  /** Uniform in [0, 1), a multiple of 2^-24, so exact in float32. */
  uniform(): number;
  /** Normal with mean 0 and deviation 1 (Box-Muller). */
  normal(): number;
  /** Uniform whole number in [0, bound), without modulo bias; the bound is in [1, 2^32]. */
  below(bound: number): number;
}

type Words = [number, number, number, number];

/** High 32 bits of the unsigned product, in 32-bit integer arithmetic throughout: no sum of partial products overflows it. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16) | 0;
  const carry = Math.imul(aLow, bHigh) + (middle & 0xffff) | 0;
  return Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16) | 0;
}

/** Writes one block of Philox4x32-10 into `words`: four 32-bit words from a counter of four and a key of two. */
function fillBlock(words: Uint32Array, counter: Readonly<Words>, key: readonly [number, number]) {
  let c0 = counter[0] | 0, c1 = counter[1] | 0, c2 = counter[2] | 0, c3 = counter[3] | 0;
  let k0 = key[0] | 0, k1 = key[1] | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0), low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2), low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = k0 + 0x9e3779b9 | 0;
    k1 = k1 + 0xbb67ae85 | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/**
 * One block of Philox4x32-10: four 32-bit words from a counter of four and a key of two.
 *
 * @example
 * ```ts
 * import { philox } from "./mod.ts";
 *
 * console.assert(philox([0, 0, 0, 0], [0, 0])[0] === 0x6627e8d5); // as Random123's known answers
 * ```
 */
export function philox(counter: Readonly<Words>, key: readonly [number, number]): Words {
  const words = new Uint32Array(4);
  fillBlock(words, counter, key);
  return [...words] as Words;
}

/**
 * Opens the stream of `key`.
 *
 * @throws {RangeError} if a number is out of its range.
 *
 * @example
 * ```ts
 * import { random } from "./mod.ts";
 *
 * const a = random({ seed: 1, purpose: "mask", sample: 3 });
 * const b = random({ seed: 1, purpose: "mask", sample: 3 });
 * console.assert(a.uniform() === b.uniform()); // the key alone decides
 * ```
 */
export function random(key: StreamKey): Stream {
  const { seed, purpose, epoch = 0, sample = 0 } = key;
  check("seed", seed, 2 ** 53);
  check("epoch", epoch, 2 ** 32);
  check("sample", sample, 2 ** 32);
  const words = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
  const counter: Words = [0, sample, epoch, PURPOSES.indexOf(purpose)];
  const block = new Uint32Array(4);
  let next = 4;

  const uint32 = () => {
    if (next === 4) {
      fillBlock(block, counter, words);
      counter[0]++;
      next = 0;
    }
    return block[next++]!;
  };
  const uniform = () => (uint32() >>> 8) / 2 ** 24;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const below = (bound: number) => {
    if (!Number.isSafeInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(
        `Cannot draw below ${bound}: the bound must be a whole number in [1, ${2 ** 32}]`,
      );
    }
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = uint32();
    while (value >= limit) value = uint32();
    return value % bound;
  };
  return { uint32, uniform, normal, below };
}

/**
 * A permutation of 0 .. count-1 (Fisher-Yates) drawn from `stream`.
 *
 * @example
 * ```ts
 * import { permutation, random } from "./mod.ts";
 *
 * const order = permutation(random({ seed: 0, purpose: "shuffle" }), 5);
 * console.assert(String(order.toSorted()) === "0,1,2,3,4");
 * ```
 */
export function permutation(stream: Stream, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function check(name: string, value: number, bound: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value >= bound) {
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a whole number in [0, ${bound})`,
    );
  }
}
