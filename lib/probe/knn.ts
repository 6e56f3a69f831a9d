/** Classification by the labels of the nearest neighbours, as Wu et al. 2018 and DINO do it. */
import { type ClassificationMetrics, ClassificationTally, countVotes } from "../classify/mod.ts";
import type { DeviceContext } from "../runtime/mod.ts";
import { nearest, type NeighbourOptions, type Rows } from "./neighbours.ts";

/** Features with the class of each. */
export interface LabelledRows extends Rows {
  readonly labels: Int32Array;
}

/** How neighbours vote. */
export interface KnnOptions extends NeighbourOptions {
  /** T: a neighbour's vote weighs exp(cosine / T). */
  readonly temperature: number;
  readonly classes: number;
}

/**
 * How well the classes of `queries` are told by their `k` nearest neighbours in `bank`: each votes for its own class with the
 * weight exp(cosine / T).
 *
 * @returns null if it was stopped.
 * @throws {RangeError} as {@linkcode nearest}.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { knnAccuracy } from "./mod.ts";
 *
 * using environment = runtime.Environment.open();
 * using context = runtime.openHostContext(environment);
 * const bank = { values: Float32Array.of(1, 0, 0, 1), width: 2, labels: Int32Array.of(0, 1) };
 * const queries = { values: Float32Array.of(2, 1), width: 2, labels: Int32Array.of(0) };
 * const metrics = knnAccuracy(context, bank, queries, { k: 1, temperature: 0.07, classes: 2 })!;
 * console.assert(metrics.top1 === 1);
 * ```
 */
export function knnAccuracy(
  context: DeviceContext,
  bank: LabelledRows,
  queries: LabelledRows,
  options: KnnOptions,
): ClassificationMetrics | null {
  const { k, temperature, classes } = options;
  const neighbours = nearest(context, bank, queries, options);
  if (neighbours === null) return null;
  const { similarities, indices } = neighbours;
  const tally = new ClassificationTally(classes);
  const votes = new Float32Array(classes);
  queries.labels.forEach((label, q) => {
    const [from, to] = [q * k, (q + 1) * k];
    const labels = indices.subarray(from, to).map((row) => bank.labels[row]!);
    countVotes({ similarities: similarities.subarray(from, to), labels }, temperature, votes);
    tally.add(votes, [label]);
  });
  return tally.metrics();
}
