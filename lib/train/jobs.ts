/** What the trainer's thread can be asked to do. */
import { batchTrial } from "./batch_trial.ts";
import type { Job } from "./job.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { TrainingKind, TrainTask } from "./kind.ts";
import { PRETRAIN } from "./pretrain_kind.ts";
import { PRETRAINING } from "./pretraining.ts";
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
  trial: batchTrial(PRETRAINING),
} as const;
