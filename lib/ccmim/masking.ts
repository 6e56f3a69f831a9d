/** Contextual masking: which patches stay visible (ccMIM, section 3.2). No gradient passes. */
import {
  add,
  div,
  log,
  logSoftmax,
  mul,
  neg,
  smallest,
  softmax,
  stopGradient,
  type Value,
} from "../graph/mod.ts";

/** The samplings, in the words of {@linkcode maskingKey}. */
export const SAMPLINGS = ["importance", "gumbel", "topk", "random"] as const;

/** One of {@linkcode SAMPLINGS}. */
export type Sampling = (typeof SAMPLINGS)[number];

/** True if the sampling ranks by attention, so that a scoring pass is needed. */
export function needsScores(sampling: Sampling): boolean {
  return sampling !== "random";
}

/**
 * The key by which patches are ranked: the lowest K stay visible, the others are masked.
 *
 * - `importance`: softmax(a/tau) / softmax(u), the authors' code;
 * - `gumbel`: log softmax(a/tau) + Gumbel(u), exact sampling of the masked set without replacement (Kool et al. 2019);
 * - `topk`: softmax(a/tau), the least attended stay;
 * - `random`: u, as MAE masks.
 *
 * @param noise u, uniform in [0, 1), `[B, L]`.
 * @param scores a, summed attention of CLS, `[B, L]`; not needed for `random`.
 * @param temperature tau > 0.
 * @returns `[B, L]`.
 * @throws {TypeError} if scores are needed and missing.
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
      return div(softmax(sharpened), softmax(noise));
    case "gumbel":
      return add(logSoftmax(sharpened), neg(log(neg(log(noise)))));
    case "topk":
      return softmax(sharpened);
  }
}

/**
 * The patches' places in ascending order of the key, int64 `[B, L]`: the first K are visible, the rest masked. Ties go to the
 * lower place.
 */
export function maskingOrder(key: Value): Value {
  return smallest(stopGradient(key), key.shape[1]!).positions;
}
