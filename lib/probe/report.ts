/** What a probe ends with: figures, in words and as files. */
import {
  type ClassificationMetrics,
  confusionCsv,
  confusionPng,
  spread,
  wilsonInterval,
} from "../classify/mod.ts";
import { type EncoderOrigin, showKind } from "../features/mod.ts";
import { PACKAGE_VERSION } from "../runtime/mod.ts";
import { type DatasetIdentity, VERSION } from "../train/mod.ts";
import type { SeedOutcome } from "./feature_job.ts";
import type { ProbeConfig } from "./options.ts";

/** Files of a probe's folder. */
export const FILES = {
  report: "probe.json",
  table: "confusion.csv",
  picture: "confusion.png",
} as const;

/** Everything that a probe came to, and what decided it: `probe.json`. Shares are in [0, 1]. */
export interface ProbeReport {
  /** What the file is. */
  readonly format: "ccmim-probe-1";
  /** What the accuracy is of: "linear probe, CLS, 90 epochs". */
  readonly protocol: string;
  /** What `top1` is, in full: "linear probe, CLS, 90 epochs, test top-1". */
  readonly what: string;
  /** Mean over the seeds. */
  readonly top1: number;
  /** Standard deviation over the seeds; null of one. */
  readonly top1Deviation: number | null;
  /** Wilson's 95% interval of `top1` as a share of the images: what other images of the kind might give. */
  readonly top1Interval: readonly [number, number];
  /** null where there are no more than five classes. */
  readonly top5: number | null;
  /** The same of the five best classes; null of one seed, or of five classes or fewer. */
  readonly top5Deviation: number | null;
  /** Accuracy of each class, over all seeds; null of a class without images. */
  readonly perClass: Readonly<Record<string, number | null>>;
  /** Mean of that share over the classes. */
  readonly meanPerClass: number;
  /** Images of class `i` that were taken for class `j`, summed over the seeds. */
  readonly confusion: readonly (readonly number[])[];
  /** Names of the classes, in the order of the labels. */
  readonly classes: readonly string[];
  /** Images of the split that it was judged by. */
  readonly images: number;
  /** What each seed came to. */
  readonly seeds: readonly (Omit<SeedOutcome, "metrics"> & {
    readonly top1: number;
    readonly top1Interval: readonly [number, number];
    readonly top5: number | null;
  })[];
  /** Every option, resolved. */
  readonly config: ProbeConfig;
  /** The encoder. */
  readonly encoder: EncoderOrigin;
  /** The dataset that it was done on. */
  readonly dataset: DatasetIdentity;
  /** Versions of what it was computed with, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Why the device was taken, in one line. */
  readonly device: string;
  /** Wall time. */
  readonly seconds: number;
}

/** A probe in words, without its figure. */
export function showProtocol(config: ProbeConfig): string {
  const labels = config.labelsPerClass === null ? [] : [`${config.labelsPerClass} labels a class`];
  return [...protocolParts(config), ...labels].join(", ");
}

function protocolParts(config: ProbeConfig): string[] {
  const features = showKind(config.features);
  switch (config.kind) {
    case "knn":
      return [`kNN (k ${config.k}, T ${config.temperature})`, features];
    case "cached":
      return ["linear probe on cached features", features, counted(config.epochs, "epoch")];
    case "linear":
      return ["linear probe", features, showEpochs(config.schedule)];
    case "partial": {
      const { blocks } = config;
      const what = `last ${blocks === 1 ? "block" : `${blocks} blocks`} fine-tuned`;
      return [what, features, showEpochs(config.schedule)];
    }
  }
}

function showEpochs({ epochs, steps }: { readonly epochs: number; readonly steps: number }) {
  return Number.isInteger(epochs) ? counted(epochs, "epoch") : counted(steps, "step");
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** What a report is made of beside the figures. */
export type ReportFacts = Pick<
  ProbeReport,
  "classes" | "config" | "encoder" | "dataset" | "device" | "seconds"
>;

/** The report of what the seeds came to. */
export function reportOf(outcomes: readonly SeedOutcome[], facts: ReportFacts): ProbeReport {
  const { config, classes } = facts;
  const all = outcomes.map(({ metrics }) => metrics);
  const { images } = all[0]!;
  const top1 = spread(all.map((metrics) => metrics.top1));
  const top5 = all[0]!.top5 === null ? null : spread(all.map((metrics) => metrics.top5!));
  const perClass = meanShares(all);
  const protocol = showProtocol(config);
  const versions = { ccmim: VERSION, deno: Deno.version.deno, onnxruntime: PACKAGE_VERSION };
  return {
    format: "ccmim-probe-1",
    protocol,
    what: `${protocol}, ${config.split} top-1`,
    top1: top1.mean,
    top1Deviation: top1.deviation,
    top1Interval: wilsonInterval(top1.mean * images, images),
    top5: top5?.mean ?? null,
    top5Deviation: top5?.deviation ?? null,
    perClass: Object.fromEntries(classes.map((name, i) => [name, perClass[i]!])),
    meanPerClass: spread(all.map((metrics) => metrics.meanPerClass)).mean,
    confusion: sum(all.map((metrics) => metrics.confusion)),
    images,
    seeds: outcomes.map(({ metrics: { top1, top5, interval }, ...outcome }) => {
      return { ...outcome, top1, top1Interval: interval, top5 };
    }),
    versions,
    ...facts,
  };
}

/** Accuracy of each class over all. */
function meanShares(all: readonly ClassificationMetrics[]): (number | null)[] {
  return all[0]!.perClass.map((first, i) => {
    return first === null ? null : spread(all.map(({ perClass }) => perClass[i]!)).mean;
  });
}

function sum(matrices: readonly ClassificationMetrics["confusion"][]): number[][] {
  return matrices[0]!.map((row, i) =>
    row.map((_, j) => matrices.reduce((total, matrix) => total + matrix[i]![j]!, 0))
  );
}

/** The report as the files of a folder, by name; `probe.json` last, since it says that all is there. */
export function reportFiles(report: ProbeReport): ReadonlyMap<string, Uint8Array> {
  const { confusion, classes } = report;
  const text = (content: string) => new TextEncoder().encode(content);
  return new Map<string, Uint8Array>([
    [FILES.table, text(confusionCsv(confusion, classes))],
    [FILES.picture, confusionPng(confusion, classes)],
    [FILES.report, text(`${JSON.stringify(report, null, 2)}\n`)],
  ]);
}
