/**
 * The rewrites that run after differentiation, by name: fused kernels for passes without a gradient, and operands that need not
 * be formed. Gradient rules exist for primitives only.
 */
import { rewrite } from "./rewrite.ts";
import { fuseAttention } from "./rewrites/fuse_attention.ts";
import { fuseBiasGelu } from "./rewrites/fuse_bias_gelu.ts";
import { skipExpand } from "./rewrites/skip_expand.ts";
import type { Value } from "./value.ts";

/** Every rewrite. Each keeps the values; what it gives is told in docs/performance.md. */
export const REWRITES = {
  "fuse-attention": fuseAttention,
  "fuse-bias-gelu": fuseBiasGelu,
  "skip-expand": skipExpand,
} as const;

/** Name of a rewrite. */
export type RewriteName = keyof typeof REWRITES;

/** All of {@linkcode REWRITES}. */
export const REWRITE_NAMES = Object.keys(REWRITES) as RewriteName[];

/**
 * The same outputs with the CPU and CUDA providers' fused kernels.
 *
 * @param options.rewrites those to apply; all unless given.
 *
 * @example
 * ```ts
 * import { add, fuse, gelu, input } from "./mod.ts";
 *
 * const [x, bias] = [input("x", "float32", [2, 8]), input("bias", "float32", [8])];
 * const [y] = fuse([gelu(add(x, bias))]);
 * console.assert(y!.op === "BiasGelu");
 * ```
 */
export function fuse(
  outputs: readonly Value[],
  options: { readonly rewrites?: readonly RewriteName[] | undefined } = {},
): Value[] {
  const { rewrites = REWRITE_NAMES } = options;
  return rewrite(outputs, rewrites.map((name) => REWRITES[name]));
}
