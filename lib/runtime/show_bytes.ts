/**
 * Bytes for a person: "1.23 GB", "45.6 MB", "12 kB", "80 B".
 *
 * @example
 * ```ts
 * import { showBytes } from "./mod.ts";
 *
 * console.assert(showBytes(1_230_000_000) === "1.23 GB");
 * ```
 */
export function showBytes(bytes: number): string {
  const units = [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3], ["B", 1]] as const;
  const [unit, size] = units.find(([, size]) => bytes >= size) ?? units[4];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}
