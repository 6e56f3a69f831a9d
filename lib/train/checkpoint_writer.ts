/** Writes the checkpoints of a run as it goes. */
import { type CheckpointContent, pruneCheckpoints, saveCheckpoint } from "../checkpoint/mod.ts";
import { explainWrites } from "../files/mod.ts";
import type { Keeping } from "./keeping.ts";

/** Writes checkpoints, knows when one is due for the time alone, and removes those that are not kept. */
export class CheckpointWriter {
  readonly #run: string;
  readonly #keeping: Keeping | undefined;
  /** In milliseconds. */
  readonly #now: () => number;
  #last: string | null;
  #written: number;

  /**
   * @param last the checkpoint that the run goes on from.
   * @param keeping writes none for the time and keeps all unless given.
   * @param now in milliseconds; a test passes its own.
   */
  constructor(
    run: string,
    last: string | null,
    keeping: Keeping | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#run = run;
    this.#last = last;
    this.#keeping = keeping;
    this.#now = now;
    this.#written = now();
  }

  /** Folder of the newest checkpoint; null before the first. */
  get last(): string | null {
    return this.#last;
  }

  /** True once the last checkpoint, or the start, is so long ago that another should be written. */
  isDue(): boolean {
    const minutes = this.#keeping?.minutes ?? null;
    return minutes !== null && this.#now() - this.#written >= 60_000 * minutes;
  }

  /**
   * Writes a checkpoint, and removes older ones only when it is complete.
   *
   * @returns its folder.
   * @throws {WriteError} if there is no room, or it may not be written; the ones before stay.
   */
  write(step: number, content: CheckpointContent): string {
    const { path } = explainWrites(
      `the checkpoint of step ${step} in ${this.#run}`,
      () => saveCheckpoint(this.#run, step, content),
      "then go on with --resume",
    );
    this.#last = path;
    this.#written = this.#now();
    if (this.#keeping !== undefined) pruneCheckpoints(this.#run, step, this.#keeping.retention);
    return path;
  }
}
