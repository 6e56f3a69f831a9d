/** Lists of numbers, as options hold them. */
import { ConfigError } from "./config.ts";

/**
 * Reads numbers with commas in between, such as `0,1,2` or `1e-3,0.01`.
 *
 * @throws {ConfigError} if one is none, or given twice.
 *
 * @example
 * ```ts
 * import { parseNumbers } from "./mod.ts";
 *
 * console.assert(String(parseNumbers("1e-3,0.01")) === "0.001,0.01");
 * ```
 */
export function parseNumbers(text: string): readonly number[] {
  const numbers = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (numbers.some(Number.isNaN)) {
    throw new ConfigError(`Cannot read "${text}" as numbers: write them as in 0,1,2`);
  }
  if (new Set(numbers).size < numbers.length) {
    throw new ConfigError(`Cannot take "${text}": a number is given twice`);
  }
  return numbers;
}
