/** Between which numbers tensors lie. */

/** What there is to say of a tensor's elements. */
export interface Range {
  readonly name: string;
  readonly elements: number;
  /** Least and greatest of the finite elements, and their mean; null if none is finite. */
  readonly least: number | null;
  readonly greatest: number | null;
  readonly mean: number | null;
  /** How many are infinite or no number. */
  readonly notFinite: number;
}

/** The range of a tensor. */
export function rangeOf(name: string, values: ArrayLike<number>): Range {
  let [least, greatest, sum, finite] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const known = finite > 0;
  return {
    name,
    elements: values.length,
    least: known ? least : null,
    greatest: known ? greatest : null,
    mean: known ? sum / finite : null,
    notFinite: values.length - finite,
  };
}

/** The first of a list, in the order of computation, that holds what is not finite; null if all are. */
export function firstNotFinite(ranges: readonly Range[]): Range | null {
  return ranges.find(({ notFinite }) => notFinite > 0) ?? null;
}
