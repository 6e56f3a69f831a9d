/** The pre-norm transformer block of ViT (Dosovitskiy et al. 2021). */
import { add, gelu, mul, scoped, segment, slice, type Value } from "../graph/mod.ts";
import { type Attended, attention, attentionParameters } from "./attention.ts";
import { layerNorm, layerNormParameters } from "./layer_norm.ts";
import { linear, linearParameters } from "./linear.ts";
import type { Parameter, Parameters } from "./parameters.ts";

/**
 * Parameters of one block, in timm's order and names.
 *
 * @example
 * ```ts
 * import { blockParameters } from "./mod.ts";
 *
 * const names = blockParameters("blocks.0", 8, 4).map(({ name }) => name);
 * console.assert(names.includes("blocks.0.attn.qkv.weight"));
 * ```
 */
export function blockParameters(name: string, width: number, mlpRatio: number): Parameter[] {
  return [
    ...layerNormParameters(`${name}.norm1`, width),
    ...attentionParameters(`${name}.attn`, width),
    ...layerNormParameters(`${name}.norm2`, width),
    ...linearParameters(`${name}.mlp.fc1`, width, mlpRatio * width),
    ...linearParameters(`${name}.mlp.fc2`, mlpRatio * width, width),
  ];
}

/** A block's result, and what its attention saw. */
export interface BlockOutput {
  /** `[B, N, D]`, or `[B, end - start, D]` for some rows. */
  readonly y: Value;
  /** The normalised input of the attention, `[B, N, D]`. */
  readonly normed: Value;
  readonly attended: Attended;
}

/** By what each sample's branches are multiplied before they are added, `[B, 1, 1]` each: see stochastic depth (Huang et al. 2016). */
export interface BranchFactors {
  readonly attention: Value;
  readonly mlp: Value;
}

/**
 * x `[B, N, D]` -> x + attention(norm(x)), then + mlp(norm(.)). The block is a segment, which can be computed again.
 *
 * @param options.rows rows `[start, end)` of the result that are wanted; the others are not computed.
 * @param options.factors of the two branches; both count in full unless given.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { block, blockParameters, Parameters } from "./mod.ts";
 *
 * const p = new Parameters(blockParameters("blocks.0", 8, 4));
 * const x = graph.input("x", "float32", [2, 5, 8]);
 * const { y } = block(p, "blocks.0", x, { heads: 2 });
 * console.assert(String(y.shape) === "2,5,8");
 * ```
 */
export function block(
  p: Parameters,
  name: string,
  x: Value,
  options: {
    readonly heads: number;
    readonly rows?: readonly [number, number] | undefined;
    readonly factors?: BranchFactors | null;
  },
): BlockOutput {
  const { heads, rows, factors = null } = options;
  return scoped(name, () => {
    const normed = scoped("norm1", () => layerNorm(p, `${name}.norm1`, x));
    const attended = scoped("attn", () => {
      return attention(p, `${name}.attn`, normed, { heads, queries: rows });
    });
    const branch = factors === null ? attended.y : mul(attended.y, factors.attention);
    const between = add(rows ? slice(x, 1, ...rows) : x, branch);
    const mixed = scoped("norm2", () => layerNorm(p, `${name}.norm2`, between));
    const y = scoped("mlp", () => {
      const hidden = gelu(linear(p, `${name}.mlp.fc1`, mixed));
      const y = linear(p, `${name}.mlp.fc2`, hidden);
      return add(between, factors === null ? y : mul(y, factors.mlp));
    });
    return { y: segment(y, x), normed, attended };
  });
}
