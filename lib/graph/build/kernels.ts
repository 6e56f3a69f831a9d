/** Products, and whole layers that ONNX Runtime has a kernel for. */
import { apply } from "../type_rules.ts";
import type { Value } from "../value.ts";

/**
 * `alpha op(a) op(b)`; `transA`, `transB` transpose the last two axes.
 *
 * @example
 * ```ts
 * import { input, matmul } from "../mod.ts";
 *
 * const x = input("x", "float32", [8, 16, 4]);
 * const w = input("w", "float32", [32, 4]);
 * console.assert(String(matmul(x, w, { transB: true }).shape) === "8,16,32");
 * ```
 */
export function matmul(
  a: Value,
  b: Value,
  options: { transA?: boolean; transB?: boolean; alpha?: number } = {},
): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  return apply("MatMul", [a, b], { transA, transB, alpha });
}

/**
 * Layer normalisation over the last axis (Ba et al. 2016); `epsilon` is added to the variance.
 *
 * @example
 * ```ts
 * import { filled, input, layerNormalization } from "../mod.ts";
 *
 * const x = input("x", "float32", [2, 3, 8]);
 * const y = layerNormalization(x, filled("float32", [8], 1), filled("float32", [8], 0), 1e-6);
 * console.assert(String(y.shape) === "2,3,8");
 * ```
 */
export function layerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return apply("LayerNormalization", [x, scale, bias], { epsilon });
}

/**
 * GELU of x `[..., D]` + bias `[D]` in one kernel; has no gradient rule.
 *
 * @example
 * ```ts
 * import { biasGelu, input } from "../mod.ts";
 *
 * const y = biasGelu(input("x", "float32", [2, 8]), input("bias", "float32", [8]));
 * console.assert(String(y.shape) === "2,8");
 * ```
 */
export function biasGelu(x: Value, bias: Value): Value {
  return apply("BiasGelu", [x, bias], {});
}

/**
 * Scaled dot-product attention in one kernel; has no gradient rule.
 *
 * @example
 * ```ts
 * import { input, multiHeadAttention } from "../mod.ts";
 *
 * const [q, k, v] = ["q", "k", "v"].map((name) => input(name, "float32", [2, 5, 8]));
 * const y = multiHeadAttention(q!, k!, v!, { heads: 2, scale: 0.5 });
 * console.assert(String(y.shape) === "2,5,8");
 * ```
 */
export function multiHeadAttention(
  q: Value,
  k: Value,
  v: Value,
  attrs: { heads: number; scale: number },
): Value {
  return apply("MultiHeadAttention", [q, k, v], attrs);
}
