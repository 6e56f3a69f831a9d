/** Lengths of time in a run: "40", "40epochs", "500steps". */
import { ConfigError } from "./config.ts";

/** So many epochs or steps; without a unit, of what the run itself is counted in. */
export interface Duration {
  /** How many epochs or steps. */
  readonly count: number;
  /** What is counted; left out: what the run is counted in. */
  readonly unit?: "epochs" | "steps" | undefined;
}

/**
 * Reads a duration, such as `40`, `2.5epochs` or `500steps`.
 *
 * @throws {ConfigError} if it is none.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./mod.ts";
 *
 * const { count, unit } = parseDuration("2.5epochs");
 * console.assert(count === 2.5 && unit === "epochs");
 * ```
 */
export function parseDuration(text: string): Duration {
  const match = /^(\d+(?:\.\d+)?)\s*(epochs?|steps?)?$/.exec(text.trim());
  if (match === null) {
    throw new ConfigError(
      `Cannot read "${text}" as a duration: write a number alone, or as in 40epochs and 500steps`,
    );
  }
  const count = Number(match[1]);
  if (match[2] === undefined) return { count };
  return { count, unit: match[2].startsWith("epoch") ? "epochs" : "steps" };
}

/**
 * `duration` as {@linkcode parseDuration} reads it.
 *
 * @example
 * ```ts
 * import { showDuration } from "./mod.ts";
 *
 * console.assert(showDuration({ count: 2, unit: "epochs" }) === "2epochs");
 * ```
 */
export function showDuration({ count, unit = undefined }: Duration): string {
  return `${count}${unit ?? ""}`;
}

/**
 * Whole steps that `duration` takes. `unit` is what a bare number counts.
 *
 * @example
 * ```ts
 * import { durationSteps } from "./mod.ts";
 *
 * const warmup = { count: 2, unit: "epochs" } as const;
 * console.assert(durationSteps(warmup, { unit: "steps", stepsPerEpoch: 50 }) === 100);
 * ```
 */
export function durationSteps(
  duration: Duration,
  { unit, stepsPerEpoch }: { unit: "epochs" | "steps"; stepsPerEpoch: number },
): number {
  const steps = (duration.unit ?? unit) === "epochs"
    ? duration.count * stepsPerEpoch
    : duration.count;
  return Math.round(steps);
}
