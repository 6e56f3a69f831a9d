/** Contextual masking: which patches stay visible (ccMIM, section 3.2). No gradient passes. */
import { log, mul, neg, smallest, stopGradient, sub, type Value } from "../graph/mod.ts";

/** The samplings, in the words of {@linkcode maskingKey}. */
export const SAMPLINGS = ["importance", "gumbel", "topk", "random"] as const;

/** One of {@linkcode SAMPLINGS}. */
export type Sampling = (typeof SAMPLINGS)[number];

/**
 * True if the sampling ranks by attention, so that a scoring pass is needed.
 *
 * @example
 * ```ts
 * import { needsScores } from "./mod.ts";
 *
 * console.assert(needsScores("importance") && !needsScores("random"));
 * ```
 */
export function needsScores(sampling: Sampling): boolean {
  return sampling !== "random";
}

/**
 * The key by which patches are ranked: the lowest K stay visible, the others are masked.
 *
 * - `importance`: softmax(a/tau) / softmax(u), the authors' code, ranked as a/tau - u;
 * - `gumbel`: log softmax(a/tau) + Gumbel(u), exact sampling of the masked set without replacement (Kool et al. 2019), ranked as
 *   a/tau + Gumbel(u) with Gumbel(u) = -log(-log(u));
 * - `topk`: softmax(a/tau), the least attended stay, ranked as a;
 * - `random`: u, as MAE masks.
 *
 * A softmax does not change an order, and it underflows to ties where a/tau is sharp; so the keys here are their logarithms, up
 * to a number that is the same for all patches of an image.
 *
 * @param noise u, uniform in [0, 1), `[B, L]`.
 * @param scores a, summed attention of CLS, `[B, L]`; not needed for `random`.
 * @param temperature tau > 0.
 * @returns `[B, L]`.
 * @throws {TypeError} if scores are needed and missing.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { maskingKey } from "./mod.ts";
 *
 * const noise = graph.input("noise", "float32", [2, 16]);
 * const scores = graph.input("scores", "float32", [2, 16]);
 * console.assert(String(maskingKey("importance", noise, scores, 0.2).shape) === "2,16");
 * ```
 */
export function maskingKey(
  sampling: Sampling,
  noise: Value,
  scores: Value | null,
  temperature: number,
): Value {
  if (sampling === "random") return noise;
  if (scores === null) {
    throw new TypeError(
      `Cannot rank patches by ${sampling} sampling: the attention of CLS is missing`,
    );
  }
  const sharpened = temperature === 1 ? scores : mul(scores, 1 / temperature);
  switch (sampling) {
    case "importance":
      return sub(sharpened, noise);
    case "gumbel":
      return sub(sharpened, log(neg(log(noise))));
    case "topk":
      return scores;
  }
}

/**
 * The patches' places in ascending order of the key, int64 `[B, L]`: the first K are visible, the rest masked. Ties go to the
 * lower place.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { maskingOrder } from "./mod.ts";
 *
 * const order = maskingOrder(graph.input("key", "float32", [2, 16]));
 * const visible = graph.slice(order, 1, 0, 4); // where a quarter is visible
 * console.assert(order.dtype === "int64" && String(visible.shape) === "2,4");
 * ```
 */
export function maskingOrder(key: Value): Value {
  return smallest(stopGradient(key), key.shape[1]!).positions;
}
