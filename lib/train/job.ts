/** What the trainer's thread is asked to do, and what it tells while it does. */
import type { openDeviceContext } from "../runtime/mod.ts";
import type { EpochOf, StepOf } from "./metrics.ts";

/** Told as a job goes, in order. */
export interface JobObserver {
  /** Everything is open. */
  start(event: object): void;
  step(metrics: StepOf): void;
  epoch(metrics: EpochOf): void;
  /** A checkpoint has been written whole. */
  checkpoint(path: string, step: number): void;
  /** So much of something else is done. */
  progress(what: string, done: number, total: number): void;
  warning(text: string): void;
}

/** What a job is run with. */
export interface JobOptions {
  /** True once it is asked to stop. */
  readonly stopped: () => boolean;
  /** Opens the configuration's device; {@linkcode openDeviceContext} unless given. */
  readonly openContext?: typeof openDeviceContext;
}

/** A job: a task that was posted, and what it comes to, which is posted back. Blocks all the while. */
export type Job<Task, Outcome> = (
  task: Task,
  observer: JobObserver,
  options: JobOptions,
) => Outcome;
