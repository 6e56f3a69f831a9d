/** Layer normalisation with trained scale and bias. */
import { layerNormalization, type Value } from "../graph/mod.ts";
import type { Parameter, Parameters } from "./parameters.ts";

/** What ViT and MAE add to the variance. */
export const LAYER_NORM_EPSILON = 1e-6;

/** Scale and bias `[width]`. */
export function layerNormParameters(name: string, width: number): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [width], init: "ones" },
    { name: `${name}.bias`, shape: [width], init: "zeros" },
  ];
}

/** x `[..., width]` -> the same shape. */
export function layerNorm(p: Parameters, name: string, x: Value): Value {
  return layerNormalization(x, p.get(`${name}.weight`), p.get(`${name}.bias`), LAYER_NORM_EPSILON);
}
