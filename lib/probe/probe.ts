/** Probing an encoder, as the main thread sees it. */
import type { EncoderOrigin } from "../features/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import type { BatchTrial, CheckpointOptions, OnDivergence, RunDryRun } from "../train/mod.ts";
import { useFeatures } from "./feature_probe.ts";
import { type ProbeRunStart, trainProbe, tryTraining } from "./linear_probe.ts";
import type { ProbeConfig, ProbeOptions } from "./options.ts";
import { addReport, checkOutput, clearOutput, writeProbe } from "./output.ts";
import { openSubject, type Subject } from "./plan.ts";
import { type ProbeReport, reportOf } from "./report.ts";
import type { SeedOutcome } from "./feature_job.ts";
import { type ProbeForm, probeForm } from "./form.ts";
import { savedOptions } from "./saved_config.ts";

/** A probe to make. */
export interface ProbeRequest {
  /** A run, a checkpoint, a file of weights, or `random`. */
  readonly checkpoint: string;
  /** Folder of the packed dataset. */
  readonly data: string;
  /** Folder to write. */
  readonly out: string;
  /** What is asked for; what is left out has a default. */
  readonly options: ProbeOptions;
  /** Replace a probe that is there. */
  readonly force?: boolean;
  /** Go on with the training of a probe; options that are given must agree with it. */
  readonly resume?: boolean;
  /** See {@linkcode RunRequest}. */
  readonly strictDevice?: boolean;
  /** Threads that read images. */
  readonly dataWorkers?: number;
  /** When a training's checkpoints are written for the time, and which stay. */
  readonly checkpoints?: CheckpointOptions;
  /** What a training does when a loss or a gradient is not finite. Default `stop`. */
  readonly onDivergence?: OnDivergence;
}

/** Known before the work begins. */
export interface ProbeStart {
  /** How it is judged, in words. */
  readonly protocol: string;
  /** The encoder. */
  readonly encoder: EncoderOrigin;
  /** Every option, resolved. */
  readonly config: ProbeConfig;
  /** Where it is computed, and why. */
  readonly device: string;
  /** Images that are learnt from. */
  readonly trainCount: number;
  /** Images that judge. */
  readonly judgeCount: number;
  /** Number of classes. */
  readonly classes: number;
}

/** Told of a probe as it goes. */
export interface ProbeObserver {
  /** All is known, and the work is about to begin. */
  start?(event: ProbeStart): void;
  /** A seed's work begins. */
  seed?(seed: number): void;
  /** Weights were read: which tensors of the file matched, were ignored or are missing. */
  weights?(match: string): void;
  /** With the batch `auto`: a micro-batch has been tried. */
  trial?(trial: BatchTrial): void;
  /** So much of something is done. */
  progress?(what: string, done: number, total: number): void;
  /** A step was done. */
  step?(metrics: { readonly step: number; readonly loss: number; readonly lr: number }): void;
  /** Something went wrong without stopping the work. */
  warning?(text: string): void;
}

/** What the ways of probing are handed. */
export interface Work {
  readonly request: ProbeRequest;
  readonly subject: Subject;
  readonly observer: ProbeObserver;
  readonly signal: AbortSignal | undefined;
}

/** What they come to. */
export interface Done<C extends ProbeConfig = ProbeConfig> {
  readonly outcomes: readonly SeedOutcome[];
  readonly config: C;
  readonly device: string;
}

/**
 * Probes an encoder and writes what that comes to: `probe.json`, the confusion matrix as CSV and PNG, and with it the folder of
 * the training run if one was needed.
 *
 * When `signal` fires, a training run finishes its step, writes a checkpoint, and InterruptedError is thrown.
 *
 * @throws {ConfigError} if the options cannot be, or the folder may not be written.
 * @throws {DataError} if the dataset or the checkpoint cannot be used.
 * @throws {EnvironmentError} if ONNX Runtime cannot be loaded, or the device that was asked for cannot be used.
 * @throws {OutOfMemoryError} if it takes more memory than there is.
 * @throws {DivergedError} if a loss or gradient is not finite.
 * @throws {InterruptedError} if `signal` fired before the end.
 *
 * @example
 * ```ts
 * import { probe } from "./mod.ts";
 *
 * const { what, top1 } = await probe({
 *   checkpoint: "run",
 *   data: "dataset",
 *   out: "judged",
 *   options: { kind: "knn" },
 * });
 * console.log(what, top1);
 * ```
 */
export async function probe(
  given: ProbeRequest,
  observer: ProbeObserver = {},
  signal?: AbortSignal,
): Promise<ProbeReport> {
  signal?.throwIfAborted();
  const { out, force = false } = given;
  const { work, form, isNew } = openWork(given, observer, signal);
  const { subject } = work;
  const trains = doesTrain(form);
  const began = performance.now();
  if (trains && force && isNew) clearOutput(out);
  const { outcomes, config, device } = trains
    ? await trainProbe(work)
    : await useFeatures(work, form);
  const report = reportOf(outcomes, {
    classes: subject.classes,
    config,
    encoder: subject.encoderOf(outcomes[0]!.seed).origin,
    dataset: subject.dataset,
    device,
    seconds: (performance.now() - began) / 1000,
  });
  (trains ? addReport : writeProbe)(out, report);
  return report;
}

/**
 * Says what {@linkcode probe} would do with its first seed: resolves and checks everything, opens the model and tries a few steps.
 * Writes nothing.
 *
 * @throws {ConfigError} if nothing is trained on images, beside what `probe` throws.
 *
 * @example
 * ```ts
 * import { tryProbe } from "./mod.ts";
 *
 * const options = { steps: 9, batch: 6 };
 * console.log(await tryProbe({ checkpoint: "run", data: "dataset", out: "tried-probe", options }));
 * ```
 */
export async function tryProbe(
  given: ProbeRequest,
  observer: ProbeObserver = {},
  signal?: AbortSignal,
): Promise<RunDryRun<ProbeRunStart>> {
  signal?.throwIfAborted();
  const { force = false } = given;
  const { work, form, isNew } = openWork(given, observer, signal);
  if (!doesTrain(form)) {
    throw new ConfigError(
      "Cannot try steps (--dry-run) with --kind knn or --cache: nothing is trained on images",
    );
  }
  return await tryTraining(work, { replaces: force && isNew });
}

function doesTrain(form: ProbeForm): form is "linear" | "partial" {
  return form === "linear" || form === "partial";
}

/** Checks what is asked for, and opens what it is of. */
function openWork(
  given: ProbeRequest,
  observer: ProbeObserver,
  signal: AbortSignal | undefined,
): { readonly work: Work; readonly form: ProbeForm; readonly isNew: boolean } {
  const { checkpoint, data, out, force = false, resume = false } = given;
  const saved = resume ? savedOptions(out) : null;
  const options = { ...saved, ...definedOf(given.options) };
  const form = probeForm(options);
  if (!doesTrain(form) && (given.checkpoints ?? given.onDivergence) !== undefined) {
    throw new ConfigError("Cannot take options of checkpoints: only a probe that trains has some");
  }
  checkOutput(out, { force, resume: saved !== null, isRun: doesTrain(form) });
  const warning = (text: string) => observer.warning?.(text);
  const subject = openSubject(checkpoint, data, options, {
    warning,
    weights: (match) => observer.weights?.(match),
  });
  const request = { ...given, options };
  return { work: { request, subject, observer, signal }, form, isNew: saved === null };
}

/** The options that are given. */
function definedOf(options: ProbeOptions): ProbeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
