/** Fine-tuning as the main thread sees it. */
import { join } from "node:path";
import { latestCheckpoint } from "../checkpoint/mod.ts";
import {
  type EpochOf,
  finishTraining,
  planRun,
  postJob,
  type RunPlan,
  type RunRequest,
  type RunStart,
  type StepOf,
} from "../train/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import type { FinetuneOutcome, FinetuneTaskFacts } from "./finetune_job.ts";
import type { FinetuneOptions } from "./options.ts";
import { figuresOf, type FinetuneReport, showProtocol, writeReport } from "./report.ts";
import { resolveFinetune } from "./resolve.ts";
import { parseFinetuneConfig, resumeFinetune, savedOptions } from "./saved_config.ts";
import { planStreams } from "./streams.ts";
import { type FinetuneSubject, openSubject } from "./subject.ts";
import { WORKER } from "./worker.ts";

/** A run to start or to go on with. */
export interface FinetuneRequest extends RunRequest<FinetuneOptions> {
  /** A run, a checkpoint, a file of weights, or `none` to train from scratch. */
  readonly checkpoint: string;
}

/** Known before the first step. */
export interface FinetuneStart extends RunStart<FinetuneConfig> {
  /** Images to learn from, those that say which epoch is best, and those of the test split. */
  readonly trainCount: number;
  /** Images that say which epoch is best. */
  readonly validationCount: number;
  /** Images that the best model is judged by; 0 if there are none. */
  readonly testCount: number;
}

/** What the present model, or its average, comes to on the images that are not trained on. */
export type FinetuneEpoch = EpochOf<{
  readonly valTop1: number;
  readonly valTop5: number | null;
  /** Mean cross-entropy, without smoothing. */
  readonly valLoss: number;
}>;

/** Told about a run as it happens. */
export interface FinetuneObserver {
  /** All is known, and the work is about to begin. */
  start?(event: FinetuneStart): void;
  /** A step was done. */
  step?(metrics: StepOf<{ readonly loss: number }>): void;
  /** An epoch was done, and judged. */
  epoch?(metrics: FinetuneEpoch): void;
  /** A checkpoint has been written whole. */
  checkpoint?(path: string, step: number): void;
  /** So much of something is done. */
  progress?(what: string, done: number, total: number): void;
  /** Something went wrong without stopping the work. */
  warning?(text: string): void;
}

/** Name of the report in a run's folder. */
export const FINETUNE_REPORT = "finetune.json";

/**
 * Fine-tunes in a Worker, judges each epoch, keeps the best model in `best/`, and judges that one once by the test split, where there
 * is one. Writes `finetune.json` and the confusion matrix into the run's folder.
 *
 * When `signal` fires, the step under way is finished, a checkpoint written, and InterruptedError thrown.
 *
 * @throws {ConfigError} if the options cannot be, or contradict the run that is resumed.
 * @throws {DataError} if the dataset or a checkpoint cannot be used.
 * @throws {EnvironmentError} if ONNX Runtime cannot be loaded, or the device that was asked for cannot be used.
 * @throws {OutOfMemoryError} if the run takes more memory than there is.
 * @throws {DivergedError} if a loss or gradient is not finite.
 * @throws {InterruptedError} if `signal` fired before the last step.
 */
export async function finetune(
  given: FinetuneRequest,
  observer: FinetuneObserver = {},
  signal?: AbortSignal,
): Promise<FinetuneReport> {
  signal?.throwIfAborted();
  const { checkpoint, data, out, resume } = given;
  const saved = resume ? savedOptions(out) : null;
  const options = { ...saved, ...definedOf(given.options) };
  const warning = (text: string) => observer.warning?.(text);
  const subject = openSubject(checkpoint, data, options, { warning });
  const began = performance.now();
  const planned = await planRun({ ...given, options }, planOf(data, subject), warning);
  const { config, deviceReason: device } = planned.task;
  let metrics: FinetuneOutcome["metrics"] = null;
  const outcome = await finishTraining(planned, async (task) => {
    const outcome = await postJob<unknown, FinetuneOutcome>(
      WORKER,
      { job: "finetune", task },
      { observer, signal },
    );
    ({ metrics } = outcome);
    return outcome;
  });
  const { step, figure } = outcome.best!;
  const protocol = showProtocol(config);
  const judges = subject.test ?? subject.validation;
  const report: FinetuneReport = {
    format: "ccmim-finetune-1",
    protocol,
    what: `${protocol}, ${whatOf(subject)}`,
    ...figuresOf(metrics!, config.classes),
    split: judges.split,
    best: { step, epoch: Math.ceil(step / config.schedule.stepsPerEpoch), top1: figure },
    bestCheckpoint: latestCheckpoint(join(out, "best"))!.path,
    lastCheckpoint: outcome.checkpoint,
    config,
    dataset: subject.dataset,
    device,
    seconds: (performance.now() - began) / 1000,
  };
  writeReport(out, FINETUNE_REPORT, report);
  return report;
}

/** What the accuracy at the end is of. Where there is no test split the images that chose the model judge it as well. */
function whatOf({ test, validation }: FinetuneSubject): string {
  if (test !== null) return "test top-1";
  const images = validation.split === "val" ? "val" : "held-out training images";
  return `${images} top-1 of the best epoch, which they chose`;
}

/** How a run on a subject is planned. */
export function planOf(
  data: string,
  subject: FinetuneSubject,
): RunPlan<FinetuneConfig, FinetuneTaskFacts, FinetuneOptions> {
  const resolve = (options: FinetuneOptions) => resolveFinetune(options, subject.facts);
  return {
    command: "finetune",
    parse: parseFinetuneConfig,
    resume: (saved, options) => resumeFinetune(saved, resolve(options)),
    resolve,
    streams: (config, reading) => planStreams(data, { config, subject }, reading),
  };
}

/** The options that are given. */
function definedOf(options: FinetuneOptions): FinetuneOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
