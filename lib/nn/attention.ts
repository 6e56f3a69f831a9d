/** Multi-head self-attention (Vaswani et al. 2017), with the parameter names of timm. */
import {
  add,
  constant,
  matmul,
  mul,
  reduceMean,
  reshape,
  slice,
  softmax,
  transpose,
  type Value,
} from "../graph/mod.ts";
import { linear, linearParameters } from "./linear.ts";
import type { Parameter, Parameters } from "./parameters.ts";

/**
 * One `qkv` `[3D, D]` whose rows are q, k, v, and the output projection.
 *
 * @example
 * ```ts
 * import { attentionParameters } from "./mod.ts";
 *
 * const [qkv] = attentionParameters("attn", 8);
 * console.assert(qkv!.name === "attn.qkv.weight" && String(qkv!.shape) === "24,8");
 * ```
 */
export function attentionParameters(name: string, width: number): Parameter[] {
  return [
    ...linearParameters(`${name}.qkv`, width, 3 * width),
    ...linearParameters(`${name}.proj`, width, width),
  ];
}

/**
 * The part `index` (0 q, 1 k, 2 v) of the qkv projection of x `[B, N, D]`. Three products whose weights are contiguous
 * rows of one tensor, since splitting their joint result costs a copy.
 *
 * The keys take no bias: it adds the same number, q b, to all scores of a query, which softmax does not see. So the
 * k third of `qkv.bias` never changes; its gradient is zero exactly.
 */
function project(p: Parameters, name: string, x: Value, index: 0 | 1 | 2): Value {
  const width = x.shape.at(-1)!;
  const rows = [index * width, (index + 1) * width] as const;
  const y = matmul(x, p.rows(`${name}.qkv.weight`, ...rows), { transB: true });
  return index === 1 ? y : add(y, p.rows(`${name}.qkv.bias`, ...rows));
}

/** `[B, N, D]` -> `[B, H, N, D/H]`. */
function splitHeads(x: Value, heads: number): Value {
  const [B, N, D] = x.shape as [number, number, number];
  return transpose(reshape(x, [B, N, heads, D / heads]), [0, 2, 1, 3]);
}

/** What attention computes beside its result. */
export interface Attended {
  /** `[B, N, D]`, or `[B, end - start, D]` for some queries. */
  readonly y: Value;
  /** Queries and keys `[B, N, D]` before they are split into heads. */
  readonly q: Value;
  readonly k: Value;
}

/**
 * Self-attention over x `[B, N, D]`.
 *
 * @param options.queries rows `[start, end)` whose result is wanted; all by default. Keys and values are always all rows.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { attention, attentionParameters, Parameters } from "./mod.ts";
 *
 * const p = new Parameters(attentionParameters("attn", 8));
 * const x = graph.input("x", "float32", [2, 5, 8]);
 * const { y } = attention(p, "attn", x, { heads: 2 });
 * console.assert(String(y.shape) === "2,5,8");
 * ```
 */
export function attention(
  p: Parameters,
  name: string,
  x: Value,
  options: { heads: number; queries?: readonly [number, number] | undefined },
): Attended {
  const { heads, queries } = options;
  const [B, , D] = x.shape as [number, number, number];
  const q = project(p, name, queries ? slice(x, 1, ...queries) : x, 0); // [B, Q, D]
  const k = project(p, name, x, 1); // [B, N, D]
  const v = project(p, name, x, 2); // [B, N, D]
  const alpha = (D / heads) ** -0.5;
  const scores = matmul(splitHeads(q, heads), splitHeads(k, heads), { transB: true, alpha }); // [B, H, Q, N]
  const mixed = matmul(softmax(scores), splitHeads(v, heads)); // [B, H, Q, D/H]
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [B, q.shape[1]!, D]);
  return { y: linear(p, `${name}.proj`, joined), q, k };
}

/**
 * Softmaxed attention of the CLS query (row 0) to the patches, averaged over heads.
 *
 * @param x `[B, 1 + L, D]`, the input of the attention; used if the projections are not at hand.
 * @returns `[B, L]`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { attentionParameters, clsAttention, Parameters } from "./mod.ts";
 *
 * const p = new Parameters(attentionParameters("attn", 8));
 * const x = graph.input("x", "float32", [2, 5, 8]); // CLS and four patches
 * console.assert(String(clsAttention(p, "attn", x, { heads: 2 }).shape) === "2,4");
 * ```
 */
export function clsAttention(
  p: Parameters,
  name: string,
  x: Value,
  options: { heads: number; projected?: Attended },
): Value {
  const { heads, projected } = options;
  const [B, N, D] = x.shape as [number, number, number];
  const q = projected ? slice(projected.q, 1, 0, 1) : project(p, name, slice(x, 1, 0, 1), 0); // [B, 1, D]
  const k = projected ? projected.k : project(p, name, x, 1); // [B, N, D]
  // The query masked to one head a row: one product scores all heads without splitting the keys
  const byHead = mul(q, headMask(heads, D)); // [B, H, D]
  const scores = matmul(byHead, k, { transB: true, alpha: (D / heads) ** -0.5 }); // [B, H, N]
  return reshape(slice(reduceMean(softmax(scores), [1]), 1, 1, N), [B, N - 1]);
}

/** `[H, D]`: 1 where column d belongs to head h. */
function headMask(heads: number, width: number): Value {
  const size = width / heads;
  const elements = Array.from({ length: heads * width }, (_, i) => {
    return Number(Math.floor(i / width) === Math.floor((i % width) / size));
  });
  return constant("float32", [heads, width], elements);
}
