/** The nearest neighbours of many vectors among many others: exact, and block by block, so that no matrix of all pairs exists. */
import {
  add,
  cast,
  div,
  input,
  matmul,
  max,
  mul,
  neg,
  reduceSum,
  reshape,
  smallest,
  sqrt,
  type Value,
} from "../graph/mod.ts";
import { emit } from "../onnx/mod.ts";
import type { DeviceContext, SessionOptions } from "../runtime/mod.ts";
import { Slab } from "../train/mod.ts";

/** Rows of equal width, one after the other. */
export interface Rows {
  readonly values: Float32Array;
  readonly width: number;
}

/** For each query its neighbours, the nearest first, `[N, k]` in row-major order. */
export interface Neighbours {
  /** Cosine similarities. */
  readonly similarities: Float32Array;
  /** Rows of the bank. */
  readonly indices: Int32Array;
}

/** How neighbours are sought. */
export interface NeighbourOptions {
  /** Neighbours of each query; at most the rows of the bank. */
  readonly k: number;
  readonly session?: SessionOptions;
  /** Most queries and most rows of the bank that are compared at once. */
  readonly block?: { readonly queries: number; readonly bank: number };
  /** Told how many of all comparisons have been made, in [0, 1]. */
  readonly progress?: (share: number) => void;
  readonly stopped?: () => boolean;
}

/** Comparisons of a block: 16 MiB of similarities. */
const BLOCK = { queries: 512, bank: 8192 } as const;

/** Added to the similarity of rows that only fill a block: below every cosine. */
const ABSENT = -4;

/** Elements from a slice of a slab to the next: a multiple of what a tensor's start is aligned to. */
const ALIGNED = 64;

/**
 * The `k` rows of `bank` that are most similar to each row of `queries` by their cosine, in float32. Of equal similarities the
 * lower row comes first. A row of zeros has the similarity 0 to all.
 *
 * @returns null if it was stopped.
 * @throws {RangeError} if the bank has fewer than `k` rows, or widths differ.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { nearest } from "./mod.ts";
 *
 * using environment = runtime.Environment.open();
 * using context = runtime.openHostContext(environment);
 * const bank = { values: Float32Array.of(1, 0, 0, 1), width: 2 };
 * const { indices } = nearest(context, bank, { values: Float32Array.of(1, 2), width: 2 }, { k: 1 })!;
 * console.assert(indices[0] === 1);
 * ```
 */
export function nearest(
  context: DeviceContext,
  bank: Rows,
  queries: Rows,
  options: NeighbourOptions,
): Neighbours | null {
  const { k, session = {}, block = BLOCK, progress, stopped = () => false } = options;
  const { width } = bank;
  const [M, N] = [bank, queries].map((rows) => rows.values.length / width) as [number, number];
  if (queries.width !== width) {
    throw new RangeError(`Cannot compare rows of ${queries.width} numbers with rows of ${width}`);
  }
  if (!Number.isSafeInteger(k) || k < 1 || k > M) {
    throw new RangeError(`Cannot find ${k} neighbours among ${M}`);
  }
  const m = Math.max(k, Math.min(block.bank, M));
  const n = Math.min(block.queries, N);
  using comparer = new Comparer(context, { n, m, width, k, session });
  const best = new Best(N, k);
  for (let from = 0; from < M; from += m) {
    comparer.setBank(bank.values.subarray(from * width, (from + m) * width));
    for (let first = 0; first < N; first += n) {
      if (stopped()) return null;
      const rows = queries.values.subarray(first * width, (first + n) * width);
      best.merge(first, rows.length / width, { ...comparer.compare(rows), from, until: M });
      progress?.((from * N + Math.min(first + n, N) * Math.min(m, M - from)) / (M * N));
    }
  }
  return best;
}

/** Similarities of a block of queries with a block of the bank, on the device: the `k` greatest of each query. */
class Comparer implements Disposable {
  readonly #bank: Slab;
  readonly #absent: Slab;
  readonly #queries: Slab;
  readonly #found: Slab;
  readonly #run: () => void;
  readonly #stack: DisposableStack;
  readonly #sizes: { readonly n: number; readonly m: number; readonly k: number };
  readonly #width: number;

  constructor(context: DeviceContext, options: {
    readonly n: number;
    readonly m: number;
    readonly width: number;
    readonly k: number;
    readonly session: SessionOptions;
  }) {
    const { n, m, width, k, session: sessionOptions } = options;
    using stack = new DisposableStack();
    const slab = (elements: number) => stack.use(new Slab(context, elements));
    this.#sizes = { n, m, k };
    this.#width = width;
    this.#bank = slab(m * width);
    this.#absent = slab(m);
    this.#queries = slab(n * width);
    const second = Math.ceil(n * k / ALIGNED) * ALIGNED;
    this.#found = slab(second + n * k);
    const session = stack.use(context.session(comparison(n, m, width, k), sessionOptions));
    const binding = stack.use(session.bind({
      inputs: {
        bank: this.#bank.tensor(0, [m, width]),
        absent: this.#absent.tensor(0, [m]),
        queries: this.#queries.tensor(0, [n, width]),
      },
      outputs: {
        similarities: this.#found.tensor(0, [n, k]),
        positions: this.#found.tensor(second, [n, k]),
      },
    }));
    this.#run = () => binding.run();
    this.#stack = stack.move();
  }

  setBank(rows: Float32Array): void {
    const { m } = this.#sizes;
    this.#bank.write(0, rows);
    this.#absent.write(0, new Float32Array(m).fill(ABSENT, rows.length / this.#width));
  }

  compare(rows: Float32Array): { similarities: Float32Array; positions: Float32Array } {
    const { n, k } = this.#sizes;
    this.#queries.write(0, rows);
    this.#run();
    const found = this.#found.read(0, [this.#found.elements]);
    return {
      similarities: found.subarray(0, n * k),
      positions: found.subarray(found.length - n * k),
    };
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** The graph of one block; positions as float32, which holds those of a block exactly. */
function comparison(n: number, m: number, width: number, k: number): Uint8Array<ArrayBuffer> {
  const queries = input("queries", "float32", [n, width]);
  const bank = input("bank", "float32", [m, width]);
  const absent = reshape(input("absent", "float32", [m]), [1, m]);
  const similarities = add(matmul(unit(queries), unit(bank), { transB: true }), absent); // [n, m]
  const { values, positions } = smallest(neg(similarities), k);
  return emit({ similarities: neg(values), positions: cast(positions, "float32") }, {
    name: "neighbours",
  });
}

/** Rows over their length. */
function unit(x: Value): Value {
  return div(x, sqrt(max(reduceSum(mul(x, x), [1], true), 1e-30)));
}

/** The best of several blocks of the bank. */
class Best implements Neighbours {
  readonly similarities: Float32Array;
  readonly indices: Int32Array;
  readonly #k: number;

  constructor(queries: number, k: number) {
    this.#k = k;
    this.similarities = new Float32Array(queries * k).fill(-Infinity);
    this.indices = new Int32Array(queries * k).fill(-1);
  }

  /** Takes what is better of `count` queries from `first` on; blocks of the bank must come in their order. */
  merge(first: number, count: number, { similarities, positions, from, until }: {
    readonly similarities: Float32Array;
    readonly positions: Float32Array;
    readonly from: number;
    readonly until: number;
  }): void {
    const k = this.#k;
    for (let q = 0; q < count; q++) {
      const at = (first + q) * k;
      const oldSimilarities = this.similarities.slice(at, at + k);
      const oldIndices = this.indices.slice(at, at + k);
      for (let i = 0, a = 0, b = 0; i < k; i++) {
        const index = from + (positions[q * k + b] ?? Infinity);
        const isNew = index < until && similarities[q * k + b]! > oldSimilarities[a]!;
        this.similarities[at + i] = isNew ? similarities[q * k + b]! : oldSimilarities[a]!;
        this.indices[at + i] = isNew ? index : oldIndices[a]!;
        if (isNew) b++;
        else a++;
      }
    }
  }
}
