/** When checkpoints are written for the time alone, and which stay. */
import type { Retention } from "../checkpoint/mod.ts";
import { ConfigError, type Duration, durationSteps, type RunConfig } from "../recipes/mod.ts";

/** What a request says of its checkpoints; how a run is computed does not depend on it. */
export interface CheckpointOptions {
  /** Minutes since the last checkpoint after which one is written; null writes none for the time. */
  readonly minutes?: number | null;
  /** So many of the newest stay. */
  readonly keep?: number;
  /** Those of every so many steps or epochs stay as well. */
  readonly keepEvery?: Duration;
}

/** The same with nothing left open. */
export interface Keeping {
  readonly minutes: number | null;
  readonly retention: Retention;
}

/** Minutes between checkpoints unless it is said when they are written. */
const DEFAULT_MINUTES = 10;

/** The newest and the one before it, which is there if the newest turns out damaged. */
const DEFAULT_NEWEST = 2;

/**
 * Fills in the defaults: a checkpoint after 10 minutes without one; the two newest stay, and all that the configuration
 * schedules. With `keep` or `keepEvery` only those stay that they name.
 *
 * @throws {ConfigError} if a number is out of its range.
 */
export function resolveKeeping(
  { minutes = DEFAULT_MINUTES, keep, keepEvery }: CheckpointOptions,
  { schedule, checkpointEvery }: Pick<RunConfig, "schedule" | "checkpointEvery">,
): Keeping {
  if (minutes !== null && !(minutes > 0)) {
    throw new ConfigError(`Cannot write a checkpoint every ${minutes} minutes: it must be above 0`);
  }
  if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 1)) {
    throw new ConfigError(`Cannot use ${keep} as --keep: it must be a whole number of at least 1`);
  }
  const newest = keep ?? DEFAULT_NEWEST;
  if (keepEvery === undefined) {
    return { minutes, retention: { newest, every: keep === undefined ? checkpointEvery : null } };
  }
  if (keepEvery.unit === undefined) {
    const { count } = keepEvery;
    throw new ConfigError(`Cannot use --keep-every ${count}: say ${count}epochs or ${count}steps`);
  }
  const { stepsPerEpoch } = schedule;
  const every = durationSteps(keepEvery, { unit: "epochs", stepsPerEpoch });
  if (every < 1) {
    throw new ConfigError("Cannot keep checkpoints by --keep-every: that is less than a step");
  }
  return { minutes, retention: { newest, every } };
}
