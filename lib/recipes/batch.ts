/** The micro-batch, as options hold it. */
import { ConfigError } from "./config.ts";

/**
 * Reads a number of images or `auto`.
 *
 * @throws {ConfigError} for anything else.
 *
 * @example
 * ```ts
 * import { parseBatchOption } from "./mod.ts";
 *
 * console.assert(parseBatchOption("64") === 64 && parseBatchOption("auto") === "auto");
 * ```
 */
export function parseBatchOption(text: string): number | "auto" {
  if (text === "auto") return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ConfigError(`Cannot use "${text}" as a batch: give a number of images or auto`);
}
