/** What the trainer's thread can be asked to do. Another job is a line here. */
import type { Job } from "./job.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { TrainingKind, TrainTask } from "./kind.ts";
import { PRETRAIN } from "./pretrain_kind.ts";
import { runTraining, type TrainOutcome } from "./trainer.ts";

/** The job of training. */
function training<C extends RunConfig, F>(
  kind: TrainingKind<C, F>,
): Job<TrainTask<C, F>, TrainOutcome> {
  return (task, observer, options) => runTraining(kind, task, observer, options);
}

/** The jobs by name. */
export const JOBS = {
  pretrain: training(PRETRAIN),
} as const;

/** Name of a job. */
export type JobName = keyof typeof JOBS;
/** What a job is given. */
export type JobTask<K extends JobName> = Parameters<typeof JOBS[K]>[0];
/** What a job comes to. */
export type JobOutcome<K extends JobName> = ReturnType<typeof JOBS[K]>;
