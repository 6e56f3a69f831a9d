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

/**
 * Images of a micro-batch, and micro-batches of a step: what is said, else the recipe's, or what a small training split can fill.
 *
 * @throws {ConfigError} if the batch is to be found first.
 *
 * @internal
 */
export function resolveStep(
  options: {
    readonly batch?: number | "auto" | undefined;
    readonly accumulate?: number | undefined;
  },
  { recipe, trainCount }: {
    readonly recipe: { readonly batch: number; readonly accumulate: number };
    readonly trainCount: number;
  },
): { readonly batch: number; readonly accumulate: number } {
  const batch = options.batch ?? Math.max(1, Math.min(recipe.batch, trainCount));
  if (batch === "auto") throw new ConfigError("Cannot resolve the batch auto: find one first");
  const most = Math.max(1, Math.floor(trainCount / batch));
  return { batch, accumulate: options.accumulate ?? Math.min(recipe.accumulate, most) };
}
