/** Numbers as a report shows them. */

/** About four digits: 0.7312, 12.31, 1,234. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(2);
  const digits = size < 1 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0;
  return value.toLocaleString("en-US", {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
  });
}

/** A share as 61.3%. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** 3.2 s, 4 min, 2 h 07 min. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
