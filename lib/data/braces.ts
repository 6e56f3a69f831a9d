/** Brace patterns, as shells and WebDataset write them. */
import { DataError } from "./error.ts";

/** Most paths that a pattern may stand for. */
const MOST = 100_000;

/**
 * The paths that a pattern stands for: `{000..015}` is a range, as wide as its ends where they have leading zeros,
 * `{a,b}` a choice; several in one pattern are combined, the last changing fastest.
 *
 * @throws {DataError} if there are more than 100,000.
 */
export function expandBraces(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  const values = match === null ? undefined : valuesOf(match[2]!, pattern);
  if (match === null || values === undefined) return [pattern];
  const rest = expandBraces(match[3]!);
  if (values.length * rest.length > MOST) throw tooMany(pattern);
  return values.flatMap((value) => rest.map((end) => `${match[1]}${value}${end}`));
}

/** `undefined` if it is neither a range nor a choice. */
function valuesOf(inside: string, pattern: string): string[] | undefined {
  const range = /^(\d+)\.\.(\d+)$/.exec(inside);
  if (range === null) return inside.includes(",") ? inside.split(",") : undefined;
  const [first, last] = [range[1]!, range[2]!];
  const width = [first, last].some((end) => /^0\d/.test(end))
    ? Math.max(first.length, last.length)
    : 0;
  const [from, to] = [Number(first), Number(last)];
  const count = Math.abs(to - from) + 1;
  if (count > MOST) throw tooMany(pattern);
  const step = Math.sign(to - from);
  return Array.from({ length: count }, (_, i) => String(from + i * step).padStart(width, "0"));
}

function tooMany(pattern: string): DataError {
  return new DataError(`Cannot use ${pattern}: it stands for more than ${MOST} paths`);
}
