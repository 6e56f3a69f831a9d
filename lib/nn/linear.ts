/** Linear layers. */
import { add, matmul, type Value } from "../graph/mod.ts";
import type { Parameter, Parameters } from "./parameters.ts";

/**
 * Weight `[out, in]`, as PyTorch checkpoints store it, and bias `[out]`.
 *
 * @example
 * ```ts
 * import { linearParameters } from "./mod.ts";
 *
 * const [weight, bias] = linearParameters("head", 8, 3);
 * console.assert(String(weight!.shape) === "3,8" && String(bias!.shape) === "3");
 * ```
 */
export function linearParameters(
  name: string,
  inWidth: number,
  outWidth: number,
  options: { bias?: boolean } = {},
): Parameter[] {
  const { bias = true } = options;
  return [
    { name: `${name}.weight`, shape: [outWidth, inWidth], init: "xavier" },
    ...bias ? [{ name: `${name}.bias`, shape: [outWidth], init: "zeros" } as const] : [],
  ];
}

/**
 * x `[..., in]` -> `[..., out]`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { linear, linearParameters, Parameters } from "./mod.ts";
 *
 * const p = new Parameters(linearParameters("head", 8, 3));
 * console.assert(String(linear(p, "head", graph.input("x", "float32", [2, 8])).shape) === "2,3");
 * ```
 */
export function linear(p: Parameters, name: string, x: Value): Value {
  const y = matmul(x, p.get(`${name}.weight`), { transB: true });
  return p.has(`${name}.bias`) ? add(y, p.get(`${name}.bias`)) : y;
}
