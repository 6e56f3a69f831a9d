/** What ends a step's gradient: its norm, whether it is finite, and by what it is scaled. */
import { add, cast, div, less, min, mul, reduceSum, sqrt, type Value } from "../graph/mod.ts";

/** The largest finite float32. */
const LARGEST = 3.4028234663852886e38;

/**
 * The sum of squares of a gradient's part `[C]` -> `[1]`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { squaredNorm } from "./mod.ts";
 *
 * console.assert(String(squaredNorm(graph.input("gradient", "float32", [64])).shape) === "1");
 * ```
 */
export function squaredNorm(gradient: Value): Value {
  return reduceSum(mul(gradient, gradient), [0], true);
}

/** How a finished gradient is to be used. All `[1]`, float32. */
export interface Finished {
  /** L2 norm of the mean gradient, unscaled, before clipping. */
  readonly norm: Value;
  /** 1 if the loss and every element of the gradient are finite, else 0. */
  readonly finite: Value;
  /** Factor that makes the summed gradient a mean, unscaled, clipped to the largest norm. */
  readonly scale: Value;
  /** Steps that counted, this one included. */
  readonly steps: Value;
}

/**
 * @param squares {@linkcode squaredNorm} of every part, `[N]`.
 * @param loss `[1]`, summed over the micro-batches.
 * @param steps steps that counted so far, `[1]`.
 * @param options.accumulate micro-batches whose gradients were added up.
 * @param options.clip largest L2 norm, or null.
 * @param options.unscale one over the loss scale by which the gradients come multiplied, `[1]`; none if they do not.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { finish } from "./mod.ts";
 *
 * const [loss, steps] = ["loss", "steps"].map((name) => graph.input(name, "float32", [1]));
 * const squares = graph.input("squares", "float32", [3]); // of three parts of the gradient
 * const { norm, finite } = finish(squares, loss!, steps!, { accumulate: 1, clip: 1 });
 * console.assert(String(norm.shape) === "1" && String(finite.shape) === "1");
 * ```
 */
export function finish(
  squares: Value,
  loss: Value,
  steps: Value,
  options: {
    readonly accumulate: number;
    readonly clip: number | null;
    readonly unscale?: Value | undefined;
  },
): Finished {
  const { accumulate, clip, unscale } = options;
  const unscaled = (x: Value) => unscale ? mul(x, unscale) : x;
  const total = reduceSum(squares, [0], true); // [1]
  // Comparisons with NaN are false, and a sum of squares that overflows is infinite
  const isFinite = mul(
    cast(less(total, LARGEST), "float32"),
    cast(less(mul(loss, loss), LARGEST), "float32"),
  );
  const norm = unscaled(mul(sqrt(total), 1 / accumulate));
  const scale = clip === null
    ? mul(add(mul(isFinite, 0), 1), 1 / accumulate)
    : mul(min(div(clip, add(norm, 1e-6)), 1), 1 / accumulate);
  return { norm, finite: isFinite, scale: unscaled(scale), steps: add(steps, isFinite) };
}
