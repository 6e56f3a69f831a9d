/** Pixel normalisation with ImageNet's constants. */
import { add, constant, mul, type Value } from "../graph/mod.ts";

/** Mean of ImageNet's pixels per channel, RGB, in [0, 1]. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;

/** Deviation of ImageNet's pixels per channel, RGB, in [0, 1]. */
export const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * Pixels `[..., 3]` in 0-255, channels last -> (x / 255 - mean) / deviation, the same shape.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { normalise } from "./mod.ts";
 *
 * const pixels = graph.input("pixels", "float32", [2, 32, 32, 3]);
 * console.assert(String(normalise(pixels).shape) === "2,32,32,3");
 * ```
 */
export function normalise(x: Value): Value {
  const scale = constant("float32", [3], IMAGENET_DEVIATION.map((d) => 1 / (255 * d)));
  const shift = constant("float32", [3], IMAGENET_MEAN.map((m, c) => -m / IMAGENET_DEVIATION[c]!));
  return add(mul(x, scale), shift);
}

/**
 * The inverse of {@linkcode normalise}: normalised pixels `[..., 3]` -> 0-255, neither clipped nor rounded.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { denormalise, normalise } from "./mod.ts";
 *
 * const pixels = graph.input("pixels", "float32", [2, 32, 32, 3]);
 * console.assert(String(denormalise(normalise(pixels)).shape) === "2,32,32,3");
 * ```
 */
export function denormalise(x: Value): Value {
  const scale = constant("float32", [3], IMAGENET_DEVIATION.map((d) => 255 * d));
  const shift = constant("float32", [3], IMAGENET_MEAN.map((m) => 255 * m));
  return add(mul(x, scale), shift);
}
