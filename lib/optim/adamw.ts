/** AdamW (Loshchilov and Hutter 2019) as a pure function over values. */
import { add, div, exp, less, max, mul, sqrt, sub, type Value, where } from "../graph/mod.ts";

/** What an AdamW step is made of besides the state. */
export interface AdamWOptions {
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment. */
  readonly epsilon: number;
}

/** A parameter, or any part of one, and its moments; equal shapes, float32. */
export interface AdamWState {
  readonly parameter: Value;
  readonly first: Value;
  readonly second: Value;
}

/** What is the same for all parameters of a step; scalars or `[1]`, float32. */
export interface StepScalars {
  /** Learning rate. */
  readonly lr: Value;
  /** Factor of the gradient: clipping, and one over the number of accumulated micro-batches. */
  readonly scale: Value;
  /** 1 if the step counts, 0 if a loss or gradient was not finite. */
  readonly finite: Value;
  /** {@linkcode biasCorrections} of this step. */
  readonly firstCorrection: Value;
  readonly secondCorrection: Value;
}

/**
 * 1 - beta^steps for both moments, with at least what one step gives, so that a step that does not count divides by no zero.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { biasCorrections } from "./mod.ts";
 *
 * const steps = graph.input("steps", "float32", [1]);
 * const { firstCorrection } = biasCorrections(steps, [0.9, 0.95]);
 * console.assert(String(firstCorrection.shape) === "1");
 * ```
 */
export function biasCorrections(
  steps: Value,
  betas: readonly [number, number],
): { firstCorrection: Value; secondCorrection: Value } {
  const correction = (beta: number) => max(sub(1, exp(mul(steps, Math.log(beta)))), 1 - beta);
  return { firstCorrection: correction(betas[0]), secondCorrection: correction(betas[1]) };
}

/**
 * The state after one step:
 *
 *     m <- m + (1 - b1)(g - m);  v <- v + (1 - b2)(g^2 - v)
 *     p <- p (1 - lr wd) - lr/(1 - b1^t) m / (sqrt(v / (1 - b2^t)) + epsilon)
 *
 * If the step does not count (`finite` is 0) the state keeps its values: the gradient is replaced by zeros and every rate
 * is zero.
 *
 * Every result may be written over what it replaces: the op that makes it depends on all that read the old value.
 *
 * @param gradient in the parameter's shape.
 * @param weightDecay wd, a scalar or `[1]`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { adamw, biasCorrections } from "./mod.ts";
 *
 * const number = (name: string) => graph.input(name, "float32", [1]);
 * const tensor = (name: string) => graph.input(name, "float32", [64]);
 * const [lr, scale, finite, weightDecay] = ["lr", "scale", "finite", "decay"].map(number);
 * const [parameter, first, second, gradient] = ["p", "m", "v", "g"].map(tensor);
 * const next = adamw(
 *   { parameter: parameter!, first: first!, second: second! },
 *   gradient!,
 *   { lr: lr!, scale: scale!, finite: finite!, ...biasCorrections(number("steps"), [0.9, 0.95]) },
 *   { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: weightDecay! },
 * );
 * console.assert(String(next.parameter.shape) === "64");
 * ```
 */
export function adamw(
  { parameter, first, second }: AdamWState,
  gradient: Value,
  { lr, scale, finite, firstCorrection, secondCorrection }: StepScalars,
  options: AdamWOptions & { readonly weightDecay: Value },
): AdamWState {
  const { betas: [beta1, beta2], epsilon, weightDecay } = options;
  const g = where(less(0, finite), mul(gradient, scale), 0);
  const m = add(first, mul(sub(g, first), mul(finite, 1 - beta1)));
  const v = add(second, mul(sub(mul(g, g), second), mul(finite, 1 - beta2)));
  const rate = mul(lr, finite);
  const root = add(mul(sqrt(v), div(1, sqrt(secondCorrection))), epsilon);
  const decayed = mul(parameter, sub(1, mul(rate, weightDecay)));
  const step = mul(div(m, root), div(rate, firstCorrection));
  return { parameter: sub(decayed, step), first: m, second: v };
}
