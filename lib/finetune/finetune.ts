/** Fine-tuning as the main thread sees it. */
import { join } from "node:path";
import { latestCheckpoint } from "../checkpoint/mod.ts";
import {
  type BatchTrial,
  type EpochOf,
  finishRun,
  type RunDryRun,
  type RunRequest,
  type RunStart,
  type StepOf,
  tryRun,
} from "../train/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import type { FinetuneOutcome } from "./finetune_job.ts";
import type { FinetuneOptions } from "./options.ts";
import { planFinetune } from "./plan.ts";
import { figuresOf, type FinetuneReport, showProtocol, writeReport } from "./report.ts";
import type { FinetuneSubject } from "./subject.ts";

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
  /** Weights were read: which tensors of the file matched, were ignored or are missing. */
  weights?(match: string): void;
  /** With the batch `auto`: a micro-batch has been tried. */
  trial?(trial: BatchTrial): void;
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
 *
 * @example
 * ```ts
 * import { finetune } from "./mod.ts";
 *
 * const options = { batch: 6, steps: 2, warmup: { count: 1, unit: "steps" } } as const;
 * const request = { checkpoint: "run", data: "dataset", out: "tuned", options };
 * await finetune({ ...request, resume: false }, {
 *   step: ({ step, loss }) => console.log(step, loss),
 * });
 * ```
 */
export async function finetune(
  given: FinetuneRequest,
  observer: FinetuneObserver = {},
  signal?: AbortSignal,
): Promise<FinetuneReport> {
  signal?.throwIfAborted();
  const began = performance.now();
  const { out } = given;
  const { planned, subject } = await planFinetune(given, { observer, signal, dry: false });
  const { config, deviceReason: device } = planned.task;
  const outcome = await finishRun<FinetuneOutcome>(planned, { observer, signal });
  const { step, figure } = outcome.best!;
  const protocol = showProtocol(config);
  const judges = subject.test ?? subject.validation;
  const report: FinetuneReport = {
    format: "ccmim-finetune-1",
    protocol,
    what: `${protocol}, ${whatOf(subject)}`,
    ...figuresOf(outcome.metrics!, config.classes),
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

/**
 * Says what {@linkcode finetune} would do: resolves and checks everything, opens the model and tries a few steps. Writes nothing.
 *
 * @throws what `finetune` throws.
 *
 * @example
 * ```ts
 * import { tryFinetune } from "./mod.ts";
 *
 * const options = { batch: 6, steps: 9 };
 * console.log(await tryFinetune({ checkpoint: "run", data: "dataset", out: "tried", options, resume: false }));
 * ```
 */
export async function tryFinetune(
  request: FinetuneRequest,
  observer: FinetuneObserver = {},
  signal?: AbortSignal,
): Promise<RunDryRun<FinetuneStart>> {
  signal?.throwIfAborted();
  const { planned } = await planFinetune(request, { observer, signal, dry: true });
  const warning = (text: string) => observer.warning?.(text);
  return await tryRun<FinetuneStart>(planned, { signal, warning });
}

/** What the accuracy at the end is of. Where there is no test split the images that chose the model judge it as well. */
function whatOf({ test, validation }: FinetuneSubject): string {
  if (test !== null) return "test top-1";
  const images = validation.split === "val" ? "val" : "held-out training images";
  return `${images} top-1 of the best epoch, which they chose`;
}
