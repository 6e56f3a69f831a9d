/** Linear layers. */
import { add, matmul, type Value } from "../graph/mod.ts";
import type { Parameter, Parameters } from "./parameters.ts";

/** Weight `[out, in]`, as PyTorch checkpoints store it, and bias `[out]`. */
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

/** x `[..., in]` -> `[..., out]`. */
export function linear(p: Parameters, name: string, x: Value): Value {
  const y = matmul(x, p.get(`${name}.weight`), { transB: true });
  return p.has(`${name}.bias`) ? add(y, p.get(`${name}.bias`)) : y;
}
