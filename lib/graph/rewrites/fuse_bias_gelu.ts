/** A bias and GELU in one pass. */
import { biasGelu } from "../build/mod.ts";
import type { RewriteRule } from "../rewrite.ts";
import { is } from "../value.ts";

/**
 * GELU of what a bias was just added to, which nobody else reads (a backward pass would), becomes one kernel: one pass over
 * memory in place of two.
 */
export const fuseBiasGelu: RewriteRule = (value, { uses, rewritten }) => {
  if (!is(value, "Gelu") || value.dtype === "float64") return null;
  const [sum] = value.inputs;
  if (!is(sum, "Add") || uses(sum) > 1) return null;
  const [x, bias] = sum.inputs;
  if (bias.shape.length !== 1 || x.shape.at(-1) !== bias.shape[0]) return null;
  return biasGelu(rewritten(x), rewritten(bias));
};
