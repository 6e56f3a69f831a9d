/** The evaluation of a fine-tuned classifier, as the main thread sees it. */
import { DataError, openDataset } from "../data/mod.ts";
import type { ClassificationMetrics } from "../classify/mod.ts";
import { type ExportSource, readExportSource } from "../export/mod.ts";
import { checkPlace, exists } from "../files/mod.ts";
import { judgingSplit } from "../probe/mod.ts";
import { ConfigError, type DeviceOption, resolveDevice, resolvePrecision } from "../recipes/mod.ts";
import { chooseDevice, showDevice } from "../runtime/mod.ts";
import { identifyDataset, postJob, startStreams } from "../train/mod.ts";
import type { EvaluateTask } from "./evaluate_job.ts";
import type { FinetuneObserver } from "./finetune.ts";
import type { FinetuneOptions } from "./options.ts";
import { checkNumbers } from "./ranges.ts";
import { type EvaluationReport, figuresOf, showPool, writeReport } from "./report.ts";
import { planJudging } from "./streams.ts";
import { labelledImages } from "./subject.ts";
import { WORKER } from "./worker.ts";

/** A classifier to judge. */
export interface EvaluateRequest {
  /** A run of fine-tuning (its best model), a checkpoint or a file with a head. */
  readonly checkpoint: string;
  /** Folder of the packed dataset. */
  readonly data: string;
  /** New folder for `evaluation.json` and the confusion matrix; nothing is written unless given. */
  readonly out?: string | undefined;
  /** The split that judges; `test` where there is one, else `val`. */
  readonly split?: "test" | "val" | undefined;
  readonly options:
    & Pick<FinetuneOptions, "threads" | "device" | "precision" | "heads" | "partial">
    & { readonly batch?: number | undefined };
  readonly dataWorkers?: number;
}

/** Images of a batch. */
const BATCH = 128;

/** Name of the report in its folder. */
const REPORT = "evaluation.json";

/**
 * Judges a classifier by every labelled image of a split.
 *
 * @throws {ConfigError} if the options cannot be, or `out` exists.
 * @throws {DataError} if the dataset or the checkpoint cannot be used, or they are of other classes.
 * @throws {EnvironmentError} if ONNX Runtime cannot be loaded, or the device that was asked for cannot be used.
 *
 * @example
 * ```ts
 * import { evaluateClassifier, finetune } from "./mod.ts";
 *
 * const options = { batch: 6, steps: 2, warmup: { count: 1, unit: "steps" } } as const;
 * const request = { checkpoint: "run", data: "dataset", out: "to-evaluate", options };
 * await finetune({ ...request, resume: false });
 * const { top1 } = await evaluateClassifier({
 *   checkpoint: "to-evaluate",
 *   data: "dataset",
 *   options: {},
 * });
 * console.assert(top1 >= 0 && top1 <= 1);
 * ```
 */
export async function evaluateClassifier(
  request: EvaluateRequest,
  observer: Pick<FinetuneObserver, "progress" | "warning" | "weights"> = {},
  signal?: AbortSignal,
): Promise<EvaluationReport> {
  signal?.throwIfAborted();
  const { checkpoint, data, out, options, dataWorkers } = request;
  checkNumbers(options);
  if (out !== undefined && exists(out)) {
    throw new ConfigError(`Cannot write an evaluation to ${out}: it exists; name another folder`);
  }
  if (out !== undefined) checkPlace(out);
  const { device, reason } = chooseDevice(options.device ?? "auto");
  const name = resolveDevice(showDevice(device) as DeviceOption);
  const precision = resolvePrecision(options.precision, name);
  const { heads, partial } = options;
  const source = readExportSource(checkpoint, {
    heads,
    partial,
    onWeights: (match) => observer.weights?.(match),
  });
  const identity = identifyDataset(data);
  using dataset = openDataset(data);
  const classes = checkClasses(source, { checkpoint, data, classes: dataset.manifest.classes });
  const split = dataset.split(judgingSplit(dataset, request.split, "evaluate on"));
  const warning = (text: string) => observer.warning?.(text);
  const images = labelledImages(split, { folder: data, doing: "evaluate on", warning });
  const began = performance.now();
  const classifier = {
    model: source.encoder,
    pool: source.pooledNorm ? "mean" : "cls",
    classes,
  } as const;
  const batch = options.batch ?? Math.min(BATCH, images.labels.length);
  const { size: storedSize } = dataset.manifest;
  const { imageSize } = source.encoder;
  const reading = dataWorkers === undefined ? {} : { dataWorkers };
  const task: EvaluateTask = {
    classifier,
    tensors: source.tensors,
    batch,
    threads: options.threads ?? navigator.hardwareConcurrency,
    device: name,
    precision,
    storedSize,
    labels: images.labels,
    streams: {
      train: planJudging(images, { dataset: data, batch, imageSize, storedSize }, reading),
    },
  };
  using _workers = await startStreams(task.streams);
  const metrics = await postJob<EvaluateTask, ClassificationMetrics>(
    WORKER,
    { job: "evaluate", task },
    { observer, signal },
  );
  const protocol = `classifier, ${showPool(classifier)}`;
  const report: EvaluationReport = {
    format: "ccmim-evaluation-1",
    protocol,
    what: `${protocol}, ${split.name} top-1`,
    checkpoint,
    sha256: source.provenance.checkpoint_sha256!,
    ...figuresOf(metrics, classes),
    split: split.name,
    dataset: identity,
    device: reason,
    seconds: (performance.now() - began) / 1000,
  };
  if (out !== undefined) writeReport(out, REPORT, report);
  return report;
}

/**
 * The classes of head and dataset, which are the same.
 *
 * @throws {DataError} if there is no head, or they differ; a head whose classes are numbers fits any as many.
 */
function checkClasses(
  { classes: own }: ExportSource,
  { checkpoint, data, classes }: {
    readonly checkpoint: string;
    readonly data: string;
    readonly classes: readonly string[];
  },
): readonly string[] {
  if (own === null) {
    throw new DataError(
      `Cannot evaluate ${checkpoint}: it has no head (head.weight, head.bias); fine-tune it first`,
    );
  }
  if (classes.length === 0) {
    throw new DataError(`Cannot evaluate on ${data}: its images have no labels`);
  }
  if (own.length !== classes.length) {
    throw new DataError(
      `Cannot evaluate ${checkpoint} on ${data}: its head tells ${own.length} classes apart, ` +
        `the dataset has ${classes.length}`,
    );
  }
  const isNumbered = own.every((name, i) => name === String(i));
  const other = own.findIndex((name, i) => name !== classes[i]);
  if (other !== -1 && !isNumbered) {
    throw new DataError(
      `Cannot evaluate ${checkpoint} on ${data}: class ${other} is "${own[other]}" for its head ` +
        `and "${classes[other]}" in the dataset`,
    );
  }
  return classes;
}
