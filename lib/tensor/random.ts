/**
 * Counter-based random numbers: a number is a pure function of (seed, purpose, epoch, sample, position),
 * so the order of work, the number of workers and a resume cannot change it.
 *
 * The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */

/** What the numbers are for. Streams of different purposes are independent. */
export const PURPOSES = ["init", "shuffle", "crop", "flip", "mask", "split", "draw"] as const;

/** One of {@linkcode PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** Where a stream starts. Each number is a whole number in [0, 2^32), the seed in [0, 2^53). */
export interface StreamKey {
  readonly seed: number;
  readonly purpose: Purpose;
  readonly epoch?: number;
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

/** High and low 32 bits of a 32 x 32 bit product. */
function multiply(a: number, b: number): [number, number] {
  const low = Math.imul(a, b) >>> 0;
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return [(aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0, low];
}

/** One block of Philox4x32-10: four 32-bit words from a counter of four and a key of two. */
export function philox(counter: Readonly<Words>, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, c0);
    const [high1, low1] = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Opens the stream of `key`. @throws {RangeError} if a number is out of its range. */
export function random(key: StreamKey): Stream {
  const { seed, purpose, epoch = 0, sample = 0 } = key;
  check("seed", seed, 2 ** 53);
  check("epoch", epoch, 2 ** 32);
  check("sample", sample, 2 ** 32);
  const words = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
  let position = 0;
  let block: Words = [0, 0, 0, 0];

  const uint32 = () => {
    if (position % 4 === 0) {
      block = philox([position / 4, sample, epoch, PURPOSES.indexOf(purpose)], words);
    }
    return block[position++ % 4]!;
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

/** A permutation of 0 .. count-1 (Fisher-Yates) drawn from `stream`. */
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
