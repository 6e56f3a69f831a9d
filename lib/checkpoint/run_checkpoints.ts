/** All checkpoints of a run: which is the one to go on from, which are kept. */
import { join } from "node:path";
import { DataError } from "../data/mod.ts";
import { removeLeftovers, TEMPORARY_PREFIX } from "../files/mod.ts";
import { checkCheckpoint, type CheckpointPlace, folderOf, readPosition } from "./checkpoint.ts";

/**
 * The newest checkpoint of a run that is complete (every file is there with its size), or null if there is none. Its bytes are
 * compared when it is loaded.
 *
 * @example
 * ```ts
 * import { latestCheckpoint } from "./mod.ts";
 *
 * console.assert(latestCheckpoint("run")!.step === 2);
 * ```
 */
export function latestCheckpoint(
  runFolder: string,
  { clean = false }: { readonly clean?: boolean } = {},
): CheckpointPlace | null {
  if (clean) cleanCheckpoints(runFolder);
  return newestFirst(runFolder).find(({ path }) => isComplete(path)) ?? null;
}

/**
 * All complete checkpoints of a run, the oldest first.
 *
 * @example
 * ```ts
 * import { completeCheckpoints } from "./mod.ts";
 *
 * console.assert(completeCheckpoints("run").at(-1)!.step === 2);
 * ```
 */
export function completeCheckpoints(runFolder: string): CheckpointPlace[] {
  return newestFirst(runFolder).filter(({ path }) => isComplete(path)).reverse();
}

/**
 * The newest checkpoint of a run whose every byte is right, or null if there is none.
 *
 * @param damaged told of every newer one, and what is wrong with it.
 *
 * @example
 * ```ts
 * import { soundCheckpoint } from "./mod.ts";
 *
 * const sound = soundCheckpoint("run", ({ path }, reason) => console.warn(path, reason));
 * console.assert(sound!.step === 2);
 * ```
 */
export function soundCheckpoint(
  runFolder: string,
  damaged: (place: CheckpointPlace, reason: string) => void,
): CheckpointPlace | null {
  for (const place of newestFirst(runFolder)) {
    try {
      checkCheckpoint(place.path);
      return place;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      damaged(place, error.message);
    }
  }
  return null;
}

/**
 * Removes what interrupted writes have left among a run's checkpoints, and nothing else.
 *
 * @example
 * ```ts
 * import { cleanCheckpoints, latestCheckpoint } from "./mod.ts";
 *
 * cleanCheckpoints("run");
 * console.assert(latestCheckpoint("run")!.step === 2);
 * ```
 */
export function cleanCheckpoints(runFolder: string): void {
  removeLeftovers(folderOf(runFolder));
}

/** Which checkpoints stay when a newer one is complete. */
export interface Retention {
  /** So many of the newest, at least 1. */
  readonly newest: number;
  /** Those of steps that are a multiple of it; null keeps none of them. */
  readonly every: number | null;
}

/**
 * Removes the checkpoints of a run before `step`, whose own is complete, but for those that are to be kept. One that is being
 * removed never looks like a checkpoint.
 *
 * @returns the steps that were removed.
 *
 * @example
 * ```ts
 * import { pruneCheckpoints } from "./mod.ts";
 *
 * const removed = pruneCheckpoints("run", 2, { newest: 1, every: null });
 * console.assert(!removed.includes(2));
 * ```
 */
export function pruneCheckpoints(
  runFolder: string,
  step: number,
  { newest, every }: Retention,
): number[] {
  const upTo = newestFirst(runFolder).filter((place) => place.step <= step);
  const old = upTo.slice(newest).filter((place) => every === null || place.step % every !== 0);
  for (const { path, step } of old) {
    const aside = join(folderOf(runFolder), `${TEMPORARY_PREFIX}removed-${step}-${Deno.pid}`);
    Deno.renameSync(path, aside);
    Deno.removeSync(aside, { recursive: true });
  }
  return old.map(({ step }) => step);
}

function newestFirst(runFolder: string): CheckpointPlace[] {
  const folder = folderOf(runFolder);
  const places: CheckpointPlace[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const step = /^step-(\d{8,})$/.exec(name)?.[1];
      if (isDirectory && step !== undefined) {
        places.push({ path: join(folder, name), step: Number(step) });
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return places.sort((a, b) => b.step - a.step);
}

function isComplete(path: string): boolean {
  try {
    const { files } = readPosition(path);
    return Object.entries(files).every(([name, { bytes }]) =>
      Deno.statSync(join(path, name)).size === bytes
    );
  } catch (error) {
    if (error instanceof DataError || error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
