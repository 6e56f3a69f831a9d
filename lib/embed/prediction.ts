/** From scores to the classes that they speak for. */

/** A class and how probable the model holds it. */
export interface Prediction {
  /** Name of the class. */
  readonly label: string;
  /** In [0, 1]; those of all classes add up to 1. */
  readonly probability: number;
}

/**
 * The most probable classes, the first first; of equal ones that which is listed first.
 *
 * @param scores of all classes, before softmax.
 * @param count how many; all if there are fewer.
 */
export function topClasses(
  scores: Float32Array,
  classes: readonly string[],
  count: number,
): Prediction[] {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = Array.from(scores, (score) => Math.exp(score - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  const order = weights.map((_, i) => i).sort((a, b) => weights[b]! - weights[a]! || a - b);
  return order.slice(0, count).map((i) => ({ label: classes[i]!, probability: weights[i]! / sum }));
}
