/** Attention in one kernel. */
import { sameShape } from "../../tensor/mod.ts";
import { multiHeadAttention } from "../build/mod.ts";
import type { RewriteRule } from "../rewrite.ts";
import { is, type Value } from "../value.ts";

/** `[B, N, D]` of `transpose(reshape(x, [B, N, H, d]), [0, 2, 1, 3])`, or null for anything else. */
function beforeHeads(value: Value): Value | null {
  if (!is(value, "Transpose") || !sameShape(value.attrs.perm, [0, 2, 1, 3])) return null;
  const [parts] = value.inputs;
  return is(parts, "Reshape") && parts.inputs[0].shape.length === 3 ? parts.inputs[0] : null;
}

function isPlainProduct({ attrs: { transA, transB, alpha } }: Value<"MatMul">): boolean {
  return !transA && !transB && alpha === 1;
}

/**
 * Attention whose probabilities nobody else reads (a backward pass would) becomes one kernel, which neither transposes
 * nor keeps them.
 */
export const fuseAttention: RewriteRule = (value, { uses, rewritten }) => {
  if (!is(value, "Reshape") || value.shape.length !== 3) return null;
  const [joined] = value.inputs;
  if (!is(joined, "Transpose") || !sameShape(joined.attrs.perm, [0, 2, 1, 3])) return null;
  const [mixed] = joined.inputs;
  if (!is(mixed, "MatMul") || uses(mixed) > 1 || !isPlainProduct(mixed)) return null;
  const [probabilities, v] = mixed.inputs;
  if (!is(probabilities, "Softmax") || uses(probabilities) > 1) return null;
  const [scores] = probabilities.inputs;
  if (!is(scores, "MatMul") || uses(scores) > 1) return null;
  if (scores.attrs.transA || !scores.attrs.transB) return null;
  const split = [...scores.inputs, v]; // [B, H, N or M, d] each
  const [B, H, N, d] = mixed.shape as [number, number, number, number];
  const isHead = (x: Value) => sameShape([x.shape[0]!, x.shape[1]!, x.shape[3]!], [B, H, d]);
  // The kernel knows one size of head, and no float64
  if (!split.every(isHead) || !sameShape(value.shape, [B, N, H * d])) return null;
  if (value.dtype === "float64") return null;
  const parts = split.map(beforeHeads);
  if (parts.some((part) => part === null)) return null;
  const [q, k, values] = parts.map((part) => rewritten(part!)) as [Value, Value, Value];
  return multiHeadAttention(q, k, values, { heads: H, scale: scores.attrs.alpha });
};
