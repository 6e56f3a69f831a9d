/** Masking, losses and the whole forward pass as plain loops. */
import type { PretrainingConfig } from "../../lib/ccmim/mod.ts";
import {
  batchNorm,
  cut,
  dot,
  linear,
  mean,
  type Rows,
  softmax,
  type Statistics,
  sum,
  type Weights,
} from "../nn/_reference.ts";
import { decode, embed, encode, patchify } from "../vit/_reference.ts";

/** The ranking key of one image. */
export function maskingKey(
  sampling: PretrainingConfig["masking"]["sampling"],
  u: readonly number[],
  a: readonly number[],
  tau: number,
): number[] {
  const s = softmax(a.map((x) => x / tau));
  switch (sampling) {
    case "random":
      return [...u];
    case "topk":
      return s;
    case "importance":
      return softmax(u).map((x, i) => s[i]! / x);
    case "gumbel":
      return u.map((x, i) => Math.log(s[i]!) - Math.log(-Math.log(x)));
  }
}

/** Places by ascending key; ties go to the lower place. */
export function ranking(key: readonly number[]): number[] {
  return key.map((_, i) => i).sort((i, j) => key[i]! - key[j]! || i - j);
}

/** Pixels of a patch, normalised by mean and unbiased deviation. */
export function normalised(patch: readonly number[]): number[] {
  const centre = mean(patch);
  const variance = sum(patch.map((x) => (x - centre) ** 2)) / (patch.length - 1);
  return patch.map((x) => (x - centre) / Math.sqrt(variance + 1e-6));
}

/** 2T cross-entropy of softmax(cosine / T) against the diagonal. */
export function alignmentLoss(visible: Rows, masked: Rows, temperature: number): number {
  const cosine = (a: readonly number[], b: readonly number[]) =>
    dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const losses = visible.map((row, i) => {
    const logits = masked.map((other) => cosine(row, other) / temperature);
    return -Math.log(softmax(logits)[i]!);
  });
  return 2 * temperature * mean(losses);
}

/** The two BatchNorms of the projector. */
export interface ProjectorStatistics {
  readonly hidden: Statistics;
  readonly output: Statistics;
}

export function project(w: Weights, x: Rows, statistics: ProjectorStatistics) {
  const hidden = batchNorm(linear(w, "projector.0", x), statistics.hidden);
  const rectified = hidden.y.map((row) =>
    row.map((e, d) => Math.max(0, e * w["projector.1.weight"]![d]! + w["projector.1.bias"]![d]!))
  );
  const output = batchNorm(linear(w, "projector.3", rectified), statistics.output);
  return { z: output.y, statistics: { hidden: hidden.running, output: output.running } };
}

/** The whole forward pass. */
export function pretrain(
  w: Weights,
  { model, masking, align, normPixLoss }: PretrainingConfig,
  images: readonly (readonly Rows[])[],
  noise: Rows,
  statistics: ProjectorStatistics,
) {
  const K = Math.floor((model.imageSize / model.patch) ** 2 * (1 - masking.ratio));
  const sides = images.map((pixels, b) => {
    const patches = patchify(pixels, model.patch);
    const { scores } = encode(w, model, embed(w, model, patches));
    const key = maskingKey(masking.sampling, noise[b]!, scores, masking.scoreTemperature);
    const order = ranking(key);
    const side = (places: number[]) => {
      const chosen = places.map((place) => patches[place]!);
      return encode(w, model, embed(w, model, chosen, places)).y;
    };
    const latent = side(order.slice(0, K));
    const [cls] = side(order.slice(K));
    const targets = order.slice(K).map((place) => patches[place]!)
      .map((patch) => normPixLoss ? normalised(patch) : patch);
    const errors = decode(w, model, latent, order).flatMap((predicted, i) =>
      predicted.map((value, j) => (value - targets[i]![j]!) ** 2)
    );
    return { latent, cls: cls!, rec: mean(errors), scores, key, order };
  });
  const first = project(w, sides.map(({ latent }) => latent[0]!), statistics);
  const second = project(w, sides.map(({ cls }) => cls), first.statistics);
  const rec = mean(sides.map((side) => side.rec));
  const alignment = alignmentLoss(first.z, second.z, align.temperature);
  return {
    rec,
    align: alignment,
    loss: rec + align.weight * alignment,
    statistics: second.statistics,
    sides,
  };
}

/** Pixels of images, `[B][S][S][3]`. */
export function pixelsOf(elements: readonly number[], size: number): Rows[][] {
  return cut(cut(cut(elements, 3), size), size);
}
