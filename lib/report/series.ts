/** A metric over training: read, smoothed and thinned for a chart. */
import type { MetricsLine } from "../runs/mod.ts";
import { DEFAULT_SMOOTHING, SMOOTHINGS } from "./smoothing.ts";

/** A value at a step. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/** Most points that a curve is drawn with. */
const MOST_POINTS = 400;

/** Every numeric field of the lines, in the order in which they first come, without `step`. */
export function seriesOf(lines: readonly MetricsLine[]): Map<string, Point[]> {
  const all = new Map<string, Point[]>();
  for (const { step, ...fields } of lines) {
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value !== "number" || !Number.isFinite(value)) continue;
      const points = all.get(name) ?? [];
      points.push({ step, value });
      all.set(name, points);
    }
  }
  return all;
}

/** Points that a mean goes over, for a curve of so many and one of {@linkcode SMOOTHINGS}. */
export function smoothingWindow(points: number, level: number = DEFAULT_SMOOTHING): number {
  return Math.max(1, Math.round(points * SMOOTHINGS[level]!.share));
}

/**
 * A mean over the `window` points around each: fewer ahead where the run ends, and as many ahead as behind where it starts, so that a
 * steep start stays where it is.
 *
 * @returns a point for each.
 */
export function smoothed(points: readonly Point[], window: number): Point[] {
  const half = Math.floor(window / 2);
  const sums = new Float64Array(points.length + 1);
  points.forEach(({ value }, i) => sums[i + 1] = sums[i]! + value);
  return points.map(({ step }, i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(points.length, i + (i - from) + 1);
    return { step, value: (sums[to]! - sums[from]!) / (to - from) };
  });
}

/** At most some hundred points: of each stretch the lowest and the highest, so that spikes stay. */
export function thinned(points: readonly Point[], most = MOST_POINTS): Point[] {
  if (points.length <= most) return [...points];
  const stretches = Math.floor(most / 2);
  return Array.from({ length: stretches }, (_, i) => {
    const start = Math.floor(i * points.length / stretches);
    const end = Math.floor((i + 1) * points.length / stretches);
    const part = points.slice(start, end);
    const lowest = part.reduce((a, b) => b.value < a.value ? b : a);
    const highest = part.reduce((a, b) => b.value > a.value ? b : a);
    return lowest.step <= highest.step ? [lowest, highest] : [highest, lowest];
  }).flat();
}

/** About `count` points, evenly, the first and the last among them. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => {
    return items[Math.round(i * (items.length - 1) / (count - 1))]!;
  });
}

/** The middle value; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
