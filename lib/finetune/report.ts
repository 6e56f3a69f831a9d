/** What fine-tuning and the evaluation of a classifier end with: figures, in words and as files. */
import { type ClassificationMetrics, confusionCsv, confusionPng } from "../classify/mod.ts";
import { writeAtomically } from "../files/mod.ts";
import { PACKAGE_VERSION } from "../runtime/mod.ts";
import { type DatasetIdentity, VERSION } from "../train/mod.ts";
import type { ClassifierConfig } from "./classifier.ts";
import type { FinetuneConfig } from "./config.ts";

/** How a classifier did. Shares are in [0, 1]. */
export interface ClassifierReport {
  /** What the accuracy is of: "fine-tuned, mean pool, 30 epochs". */
  readonly protocol: string;
  /** What `top1` is, in full: "fine-tuned, mean pool, 30 epochs, test top-1". */
  readonly what: string;
  /** Share of the images whose class is right, in [0, 1]. */
  readonly top1: number;
  /** Wilson's 95% interval of `top1` as a share of the images. */
  readonly top1Interval: readonly [number, number];
  /** null where there are no more than five classes. */
  readonly top5: number | null;
  /** Accuracy of each class; null of one without images. */
  readonly perClass: Readonly<Record<string, number | null>>;
  /** Mean of that share over the classes. */
  readonly meanPerClass: number;
  /** Images of class `i` that were taken for class `j`. */
  readonly confusion: readonly (readonly number[])[];
  /** Names of the classes, in the order of the labels. */
  readonly classes: readonly string[];
  /** Images that it was judged by, and of which split. */
  readonly images: number;
  /** The split that judges. */
  readonly split: "train" | "val" | "test";
  /** The dataset that it was done on. */
  readonly dataset: DatasetIdentity;
  /** Versions of what it was computed with, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Why the device was taken, in one line. */
  readonly device: string;
  /** Wall time. */
  readonly seconds: number;
}

/** What a run came to: `finetune.json`. */
export interface FinetuneReport extends ClassifierReport {
  /** What the file is. */
  readonly format: "ccmim-finetune-1";
  /** The evaluation that the model was kept of: step, epoch from 1, and the accuracy that chose it. */
  readonly best: { readonly step: number; readonly epoch: number; readonly top1: number };
  /** Folders of the best and the last checkpoint. */
  readonly bestCheckpoint: string;
  /** The last checkpoint; null if none is kept. */
  readonly lastCheckpoint: string | null;
  /** Every option, resolved. */
  readonly config: FinetuneConfig;
}

/** What an evaluation came to: `evaluation.json`. */
export interface EvaluationReport extends ClassifierReport {
  readonly format: "ccmim-evaluation-1";
  /** As it was given, and SHA-256 of its file. */
  readonly checkpoint: string;
  readonly sha256: string;
}

/** A run in words, without its figure. */
export function showProtocol({ initial, pool, schedule, ema }: FinetuneConfig): string {
  const { epochs, steps } = schedule;
  return [
    initial.sha256 === null ? "trained from scratch" : "fine-tuned",
    showPool({ pool }),
    Number.isInteger(epochs) ? counted(epochs, "epoch") : counted(steps, "step"),
    ...ema === null ? [] : [`moving average ${ema}`],
  ].join(", ");
}

/** What a head reads, in words. */
export function showPool({ pool }: Pick<ClassifierConfig, "pool">): string {
  return pool === "mean" ? "mean pool" : "CLS";
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** The figures of a report. */
export function figuresOf(
  { interval, images, top1, top5, perClass, meanPerClass, confusion }: ClassificationMetrics,
  classes: readonly string[],
) {
  return {
    top1,
    top1Interval: interval,
    top5,
    perClass: Object.fromEntries(classes.map((name, i) => [name, perClass[i]!])),
    meanPerClass,
    confusion,
    classes,
    images,
    versions: { ccmim: VERSION, deno: Deno.version.deno, onnxruntime: PACKAGE_VERSION },
  };
}

/** Writes a report and its confusion matrix into a folder, `name` last: it says that all is there. */
export function writeReport(out: string, name: string, report: ClassifierReport): void {
  const { confusion, classes } = report;
  const text = (content: string) => new TextEncoder().encode(content);
  writeAtomically(`${out}/confusion.csv`, [text(confusionCsv(confusion, classes))]);
  writeAtomically(`${out}/confusion.png`, [confusionPng(confusion, classes)]);
  writeAtomically(`${out}/${name}`, [text(`${JSON.stringify(report, null, 2)}\n`)]);
}
