/** LARS (You et al. 2017) as MoCo v3 and MAE use it to train a linear probe, as a pure function over values. */
import { add, div, less, mul, reduceSum, sqrt, sub, type Value, where } from "../graph/mod.ts";
import type { StepScalars } from "./adamw.ts";

/** What a LARS step is made of besides the state. */
export interface LarsOptions {
  /** Share of the last step that the next one keeps, in [0, 1). */
  readonly momentum: number;
  /** Length of a tensor's step over the tensor's own, before the learning rate. */
  readonly trust: number;
}

/** A whole parameter and its momentum; equal shapes, float32. */
export interface LarsState {
  readonly parameter: Value;
  readonly momentum: Value;
}

/**
 * The state after one step:
 *
 *     d = g + wd p;  d <- d trust |p| / |d|, where both lengths are above 0
 *     m <- momentum m + d;  p <- p - lr m
 *
 * Tensors of one axis neither decay nor adapt: their d is g. If the step does not count (`finite` is 0) the state keeps its values.
 *
 * Every result may be written over what it replaces: the op that makes it depends on all that read the old value.
 *
 * @param gradient in the parameter's shape, flat; zeros beyond the tensor's elements are harmless.
 * @param options.weightDecay wd, a scalar or `[1]`.
 * @param options.adapts whether the tensor has two axes or more.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { lars } from "./mod.ts";
 *
 * const number = (name: string) => graph.input(name, "float32", [1]);
 * const tensor = (name: string) => graph.input(name, "float32", [64]);
 * const [lr, scale, finite, weightDecay] = ["lr", "scale", "finite", "decay"].map(number);
 * const next = lars(
 *   { parameter: tensor("p"), momentum: tensor("m") },
 *   tensor("g"),
 *   { lr: lr!, scale: scale!, finite: finite! },
 *   { momentum: 0.9, trust: 0.001, weightDecay: weightDecay!, adapts: true },
 * );
 * console.assert(String(next.parameter.shape) === "64");
 * ```
 */
export function lars(
  { parameter, momentum }: LarsState,
  gradient: Value,
  { lr, scale, finite }: Pick<StepScalars, "lr" | "scale" | "finite">,
  options: LarsOptions & { readonly weightDecay: Value; readonly adapts: boolean },
): LarsState {
  const g = where(less(0, finite), mul(gradient, scale), 0);
  const d = options.adapts ? adapted(parameter, g, options) : g;
  const kept = sub(1, mul(finite, 1 - options.momentum));
  const m = add(mul(momentum, kept), mul(d, finite));
  return { parameter: sub(parameter, mul(m, mul(lr, finite))), momentum: m };
}

function adapted(
  parameter: Value,
  gradient: Value,
  { trust, weightDecay }: LarsOptions & { readonly weightDecay: Value },
): Value {
  const d = add(gradient, mul(parameter, weightDecay));
  const [own, step] = [length(parameter), length(d)];
  const ratio = where(less(0, own), where(less(0, step), div(mul(own, trust), step), 1), 1);
  return mul(d, ratio);
}

/** L2 norm of a flat value, `[1]`. */
function length(x: Value): Value {
  return sqrt(reduceSum(mul(x, x), [0], true));
}
