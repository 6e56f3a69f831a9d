/** Layer normalisation with trained scale and bias. */
import { layerNormalization, type Value } from "../graph/mod.ts";
import type { Parameter, Parameters } from "./parameters.ts";

/** What ViT and MAE add to the variance. */
export const LAYER_NORM_EPSILON = 1e-6;

/**
 * Scale and bias `[width]`.
 *
 * @example
 * ```ts
 * import { layerNormParameters } from "./mod.ts";
 *
 * console.assert(layerNormParameters("norm", 8).length === 2);
 * ```
 */
export function layerNormParameters(name: string, width: number): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [width], init: "ones" },
    { name: `${name}.bias`, shape: [width], init: "zeros" },
  ];
}

/**
 * x `[..., width]` -> the same shape.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { layerNorm, layerNormParameters, Parameters } from "./mod.ts";
 *
 * const p = new Parameters(layerNormParameters("norm", 8));
 * console.assert(String(layerNorm(p, "norm", graph.input("x", "float32", [2, 8])).shape) === "2,8");
 * ```
 */
export function layerNorm(p: Parameters, name: string, x: Value): Value {
  return layerNormalization(x, p.get(`${name}.weight`), p.get(`${name}.bias`), LAYER_NORM_EPSILON);
}
