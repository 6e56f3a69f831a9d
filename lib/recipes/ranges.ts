/** What numbers options may be. */
import { ConfigError } from "./config.ts";

/** A range of numbers: its test and its words. */
export interface Range {
  readonly holds: (value: number) => boolean;
  readonly words: string;
}

/** Names of the options that are numbers. */
export type NumberOption<Options> = {
  [K in keyof Options]-?: Options[K] extends number | "auto" | undefined ? K : never;
}[keyof Options];

/** Numbers of things. */
export const COUNT: Range = {
  holds: (value) => Number.isSafeInteger(value) && value >= 1,
  words: "a whole number of at least 1",
};
/** Rates, temperatures. */
export const POSITIVE: Range = {
  holds: (value) => Number.isFinite(value) && value > 0,
  words: "a number above 0",
};
/** Weights of what may be left out. */
export const NOT_NEGATIVE: Range = {
  holds: (value) => Number.isFinite(value) && value >= 0,
  words: "a number of at least 0",
};
/** Shares of what must not be all or nothing. */
export const SHARE: Range = { holds: (value) => value > 0 && value < 1, words: "between 0 and 1" };
/** Seeds. */
export const SEED: Range = {
  holds: (value) => Number.isSafeInteger(value) && value >= 0,
  words: "a whole number in [0, 2^53)",
};

/** Threads: what ONNX Runtime takes; more is a slip. */
export const THREADS: Range = {
  holds: (value) => COUNT.holds(value) && value <= 4096,
  words: "a whole number in [1, 4096]",
};

/** Of the options that everything that trains takes. */
export const TRAINING_RANGES = {
  width: COUNT,
  depth: COUNT,
  heads: COUNT,
  imageSize: COUNT,
  patch: COUNT,
  epochs: COUNT,
  steps: COUNT,
  batch: COUNT,
  accumulate: COUNT,
  baseLr: POSITIVE,
  lr: POSITIVE,
  weightDecay: NOT_NEGATIVE,
  threads: THREADS,
} as const satisfies Readonly<Record<string, Range>>;

/**
 * An option's name as a flag: `maskRatio` is `--mask-ratio`.
 *
 * @example
 * ```ts
 * import { flagOf } from "./mod.ts";
 *
 * console.assert(flagOf("maskRatio") === "--mask-ratio");
 * ```
 */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Refuses numbers out of their ranges, by the names of options.
 *
 * @throws {ConfigError}
 *
 * @example
 * ```ts
 * import { checkRanges } from "./mod.ts";
 *
 * const share = { holds: (value: number) => value > 0 && value < 1, words: "between 0 and 1" };
 * checkRanges({ maskRatio: 0.75 }, { maskRatio: share });
 * ```
 */
export function checkRanges<Name extends string>(
  options: { readonly [K in Name]?: unknown },
  ranges: Readonly<Record<Name, Range>>,
): void {
  for (const [name, range] of Object.entries(ranges) as [Name, Range][]) {
    checkRange(name, options[name], range);
  }
}

/**
 * Refuses a number out of its range; options that are not given, or words, pass.
 *
 * @throws {ConfigError}
 *
 * @example
 * ```ts
 * import { checkRange } from "./mod.ts";
 *
 * checkRange("maskRatio", 0.75, { holds: (value) => value > 0 && value < 1, words: "a share" });
 * ```
 */
export function checkRange(option: string, value: unknown, range: Range): void {
  if (typeof value !== "number" || range.holds(value)) return;
  throw new ConfigError(`Cannot use ${value} as ${flagOf(option)}: it must be ${range.words}`);
}
