/** Dynamic loss scaling (Micikevicius et al. 2018, section 3.2), without which small cotangents underflow in float16. */
import { add, div, less, min, mul, type Value, where } from "../graph/mod.ts";

/**
 * The scale starts at `first`, doubles after `interval` steps in a row that counted, up to `largest`, and halves after each step
 * that did not. Below `least` it is not the scale that makes gradients infinite: training has diverged. All powers of two, so
 * that scaling rounds nothing.
 */
export const LOSS_SCALE = { first: 2 ** 16, largest: 2 ** 24, least: 1, interval: 2000 } as const;

/**
 * One over the scale `[1]`. Nothing else may read the scale if its next value is written over it.
 *
 * @example
 * ```ts
 * import { input } from "../graph/mod.ts";
 * import { finish, nextLossScale, unscaling } from "./mod.ts";
 *
 * const scalar = (name: string) => input(name, "float32", [1]);
 * const [lossScale, goodSteps] = [scalar("scale"), scalar("good")];
 * const [squares, loss, steps] = [scalar("squares"), scalar("loss"), scalar("steps")];
 * const unscale = unscaling(lossScale);
 * const { finite } = finish(squares, loss, steps, { accumulate: 1, clip: null, unscale });
 * const next = nextLossScale(unscale, goodSteps, finite); // may be written over lossScale and goodSteps
 * ```
 */
export function unscaling(scale: Value): Value {
  return div(1, scale);
}

/**
 * The scale after a step, and how many steps in a row counted since it last changed. All `[1]`, float32.
 *
 * @param unscale {@linkcode unscaling} of the step's own scale.
 * @param finite 1 if the step counts, else 0.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { nextLossScale, unscaling } from "./mod.ts";
 *
 * const [scale, good, finite] = ["scale", "good", "finite"].map((name) =>
 *   graph.input(name, "float32", [1])
 * );
 * const next = nextLossScale(unscaling(scale!), good!, finite!);
 * console.assert(String(next.scale.shape) === "1");
 * ```
 */
export function nextLossScale(
  unscale: Value,
  goodSteps: Value,
  finite: Value,
): { readonly scale: Value; readonly goodSteps: Value } {
  const { largest, interval } = LOSS_SCALE;
  const steps = mul(add(goodSteps, 1), finite);
  const isDue = less(interval - 1, steps);
  const factor = where(isDue, 2, mul(add(finite, 1), 0.5)); // 2, 1 or a half
  return { scale: min(div(factor, unscale), largest), goodSteps: where(isDue, 0, steps) };
}
