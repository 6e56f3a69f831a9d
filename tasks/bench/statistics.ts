/** Statistics of figures that were measured several times. */

/** Middle and range of values. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** The middle value; of an even number the mean of both. @throws {RangeError} if there is none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take the median of no value");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** Median and range. @throws {RangeError} if there is no value. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), greatest: Math.max(...values) };
}

/**
 * Ours over theirs, pair by pair: what the machine did meanwhile is in both of a pair.
 *
 * @throws {RangeError} if there are not as many of one as of the other.
 */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) {
    throw new RangeError(`Cannot pair ${ours.length} figures with ${theirs.length}`);
  }
  return ours.map((value, i) => value / theirs[i]!);
}
