/** Mean and deviation of what differs by the seed alone. */

/** Of several values. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample (divisor n - 1); null of a single value. */
  readonly deviation: number | null;
}

/**
 * Mean and standard deviation of `values`.
 *
 * @throws {RangeError} if there are none.
 *
 * @example
 * ```ts
 * import { spread } from "./mod.ts";
 *
 * console.assert(spread([1, 2, 3]).mean === 2);
 * ```
 */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("Cannot take the mean of no values");
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  if (n === 1) return { mean, deviation: null };
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (n - 1)) };
}
