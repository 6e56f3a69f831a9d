/** Drop path: stochastic depth for each sample (Huang et al. 2016), as timm has it. */
import { cast, less, mul, reshape, slice, type Value } from "../graph/mod.ts";
import type { BranchFactors } from "../nn/mod.ts";

/** The branches of a block: attention and MLP. */
const BRANCHES = 2;

/** Uniform numbers that a sample takes: one for each branch of each block. */
export function pathDraws(rate: number, depth: number): number {
  return rate > 0 ? BRANCHES * depth : 0;
}

/**
 * The factors of a block's branches: 0 with the block's rate, else 1 / (1 - rate), so that the mean is 1.
 *
 * @param dropping.rate of the last block, in [0, 1); it rises from 0 in equal steps.
 * @param dropping.draws uniform in [0, 1), `[B, pathDraws]`.
 * @returns null where nothing is dropped.
 */
export function pathFactors(
  { rate, draws }: { readonly rate: number; readonly draws: Value },
  block: number,
  depth: number,
): BranchFactors | null {
  const kept = 1 - rate * block / Math.max(depth - 1, 1);
  if (kept === 1) return null;
  const factor = (place: number) => {
    const drawn = slice(draws, 1, place, place + 1); // [B, 1]
    const isKept = cast(less(drawn, kept), "float32");
    return reshape(mul(isKept, 1 / kept), [draws.shape[0]!, 1, 1]);
  };
  return { attention: factor(BRANCHES * block), mlp: factor(BRANCHES * block + 1) };
}
