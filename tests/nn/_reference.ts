/** Layers as plain loops over rows in float64: the literal references of the tests of nn, vit and ccmim. */
import type { Parameter, Parameters } from "../../lib/nn/mod.ts";
import { random, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import { erf } from "../graph/_interpret.ts";

/** Tokens of one image (or rows of a batch): `[N][D]`. */
export type Rows = readonly (readonly number[])[];

/** Elements of parameters by name. */
export type Weights = Readonly<Record<string, readonly number[]>>;

/** `count` normal numbers, exact in float32. */
export function normals(count: number, sample: number, deviation = 1): number[] {
  const stream = random({ seed: 7, purpose: "draw", sample });
  return Array.from({ length: count }, () => Math.fround(deviation * stream.normal()));
}

/** Other values than those that parameters start with, so that every scale and bias matters. */
export function randomWeights(specs: readonly Parameter[]): Weights {
  return Object.fromEntries(
    specs.map(({ name, shape, init }, i) => {
      const around = init === "ones" ? 1 : 0;
      const drawn = normals(sizeOf(shape), 1000 + i, init === "xavier" ? 0.4 : 0.3);
      return [name, drawn.map((x) => Math.fround(x + around))];
    }),
  );
}

/** What the graph over `p` wants to be given. */
export function bindings(p: Parameters, weights: Weights): Record<string, number[]> {
  return Object.fromEntries(
    p.views.map(({ parameter, offset, value }) => [
      value.attrs.name,
      weights[parameter.name]!.slice(offset, offset + sizeOf(value.shape)),
    ]),
  );
}

/** Consecutive pieces of `size`. */
export function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: items.length / size },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}

/** `[B, N, D]` as rows by image. */
export function byImage(elements: readonly number[], shape: Shape): Rows[] {
  const [, N, D] = shape as [number, number, number];
  return cut(cut(elements, D), N);
}

/** The elements of nested lists. */
export function flat(nested: unknown): number[] {
  return Array.isArray(nested) ? nested.flatMap(flat) : [nested as number];
}

export const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
export const mean = (xs: readonly number[]) => sum(xs) / xs.length;
export const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((x, i) => x * b[i]!));

export function softmax(xs: readonly number[]): number[] {
  const powers = xs.map((x) => Math.exp(x - Math.max(...xs)));
  return powers.map((x) => x / sum(powers));
}

export function linear(w: Weights, name: string, x: Rows): number[][] {
  const bias = w[`${name}.bias`];
  const kernel = cut(w[`${name}.weight`]!, x[0]!.length); // [out][in]
  return x.map((row) => kernel.map((line, i) => dot(row, line) + (bias?.[i] ?? 0)));
}

export function layerNorm(w: Weights, name: string, x: Rows): number[][] {
  return x.map((row) => {
    const centre = mean(row);
    const deviation = Math.sqrt(mean(row.map((e) => (e - centre) ** 2)) + 1e-6);
    return row.map((e, i) =>
      (e - centre) / deviation * w[`${name}.weight`]![i]! + w[`${name}.bias`]![i]!
    );
  });
}

/** Self-attention of all rows, and the probabilities `[H][query][key]`. */
export function attention(
  w: Weights,
  name: string,
  x: Rows,
  heads: number,
): { y: number[][]; probabilities: number[][][] } {
  const D = x[0]!.length;
  const size = D / heads;
  const qkv = linear(w, `${name}.qkv`, x); // [N][3 D]: q, k, v, each by head
  const part = (row: readonly number[], which: number, head: number) =>
    row.slice(which * D + head * size, which * D + (head + 1) * size);
  const probabilities = Array.from(
    { length: heads },
    (_, h) =>
      qkv.map((query) =>
        softmax(qkv.map((key) => dot(part(query, 0, h), part(key, 1, h)) / Math.sqrt(size)))
      ),
  );
  const mixed = x.map((_, n) =>
    probabilities.flatMap((maps, h) =>
      Array.from({ length: size }, (_, d) => dot(maps[n]!, qkv.map((row) => part(row, 2, h)[d]!)))
    )
  );
  return { y: linear(w, `${name}.proj`, mixed), probabilities };
}

/** The attention of row 0 to the others, averaged over heads. */
export function clsAttention(probabilities: readonly (readonly (readonly number[])[])[]): number[] {
  const [first] = probabilities;
  return first![0]!.slice(1).map((_, i) => mean(probabilities.map((map) => map[0]![i + 1]!)));
}

export const addRows = (a: Rows, b: Rows): number[][] =>
  a.map((row, n) => row.map((x, d) => x + b[n]![d]!));

export const gelu = (x: number) => x * (1 + erf(x / Math.SQRT2)) / 2;

/** One block: its result, and the probabilities of its attention. */
export function block(
  w: Weights,
  name: string,
  x: Rows,
  heads: number,
): { y: number[][]; probabilities: number[][][] } {
  const attended = attention(w, `${name}.attn`, layerNorm(w, `${name}.norm1`, x), heads);
  const between = addRows(x, attended.y);
  const hidden = linear(w, `${name}.mlp.fc1`, layerNorm(w, `${name}.norm2`, between));
  const y = linear(w, `${name}.mlp.fc2`, hidden.map((row) => row.map(gelu)));
  return { y: addRows(between, y), probabilities: attended.probabilities };
}

/** Statistics of BatchNorm. */
export interface Statistics {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/** Batch normalisation of `[B][D]` without affine, and the running statistics after it. */
export function batchNorm(x: Rows, running: Statistics, { epsilon = 1e-5, momentum = 0.1 } = {}) {
  const columns = x[0]!.map((_, d) => x.map((row) => row[d]!));
  const squares = columns.map((column) => sum(column.map((e) => (e - mean(column)) ** 2)));
  const y = x.map((row) =>
    row.map((e, d) => (e - mean(columns[d]!)) / Math.sqrt(squares[d]! / x.length + epsilon))
  );
  const toward = (old: readonly number[], now: readonly number[]) =>
    old.map((e, d) => (1 - momentum) * e + momentum * now[d]!);
  const unbiased = squares.map((total) => total / (x.length - 1));
  return {
    y,
    running: {
      mean: toward(running.mean, columns.map(mean)),
      variance: toward(running.variance, unbiased),
    },
  };
}
