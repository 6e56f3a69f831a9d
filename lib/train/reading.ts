/** What reads for a run. */
import type { LoaderOptions } from "../data/mod.ts";

/** Where a run is, and what reads for it. */
export interface ReadingOptions {
  /** Optimiser steps that are done. */
  readonly done: number;
  /** Threads of each stream. */
  readonly dataWorkers?: number;
}

/**
 * The loader's number of workers, if one is given.
 *
 * @internal
 */
export function workersOf(
  { dataWorkers }: Pick<ReadingOptions, "dataWorkers">,
): Pick<LoaderOptions, "workers"> {
  return dataWorkers === undefined ? {} : { workers: dataWorkers };
}
