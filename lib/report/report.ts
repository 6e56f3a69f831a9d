/** A report on runs: one HTML file. */
import { DataError } from "../data/mod.ts";
import { checkFilePlace, writeAtomically } from "../files/mod.ts";
import { type DatasetInspection, inspect } from "../inspect/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { Environment } from "../runtime/mod.ts";
import { ImageMaker } from "./image.ts";
import { lookThrough, partsOf } from "./looks.ts";
import { page } from "./page.ts";
import { readRuns, type RunData } from "./run_data.ts";
import { configurationsSection, repeatSection } from "./sections/configurations.ts";
import { confusionSection } from "./sections/confusion.ts";
import { curvesSection } from "./sections/curves.ts";
import { featureMapSection } from "./sections/feature_map.ts";
import { headlineSection } from "./sections/headline.ts";
import {
  type LookedRun,
  neighboursSection,
  overTrainingSection,
  reconstructionsSection,
} from "./sections/pictures.ts";

/** What to report on. */
export interface ReportRequest {
  /** Folders of runs. */
  readonly runs: readonly string[];
  /** The HTML file to write. */
  readonly out: string;
  /** Images for neighbours and the map of features; 0 leaves all pictures out. Default 500. */
  readonly images?: number | undefined;
  /** Packed dataset to look at; each run's own if left out. */
  readonly data?: string | undefined;
  /** Of the draw of images and masks; default 0. */
  readonly seed?: number | undefined;
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined;
}

/** Told while a report is made. */
export interface ReportObserver {
  /** Parts that take time: so many are done of so many. */
  progress?(done: number, total: number): void;
  warning?(text: string): void;
}

/** What was written. */
export interface ReportResult {
  readonly out: string;
  readonly bytes: number;
  readonly runs: readonly string[];
  /** Runs that were looked through. */
  readonly pictured: readonly string[];
}

/** Bytes that a report should stay below, so that it can be sent. */
const LARGEST = 5_000_000;

/** Runs that fit on a page. */
const MOST_RUNS = 12;

const MOST_IMAGES = 5000;

/**
 * Writes a report: one HTML file that loads nothing and runs no script. Pictures are of held-out images where there are any.
 *
 * A run whose dataset is gone, or that trained no decoder, is reported on without pictures.
 *
 * @throws {DataError} if a run is none, is damaged or has no metrics.
 * @throws {ConfigError} if an option cannot be.
 * @throws {EnvironmentError} if ONNX Runtime cannot be loaded.
 *
 * @example
 * ```ts
 * import { report } from "./mod.ts";
 *
 * const { bytes } = await report({ runs: ["run"], out: "report.html", images: 4 });
 * console.assert(bytes < 5_000_000);
 * ```
 */
export async function report(
  request: ReportRequest,
  observer: ReportObserver = {},
): Promise<ReportResult> {
  const { out, images = 500 } = request;
  if (request.runs.length === 0 || request.runs.length > MOST_RUNS) {
    throw new ConfigError(`Cannot report on ${request.runs.length} runs: name 1 to ${MOST_RUNS}`);
  }
  if (!Number.isSafeInteger(images) || images < 0 || images > MOST_IMAGES) {
    throw new ConfigError(`Cannot map ${images} images (--images): 0 to ${MOST_IMAGES} can be`);
  }
  checkFilePlace(out, { force: true });
  const runs = readRuns(request.runs);
  const looked = images === 0 ? [] : await lookAll(runs, { ...request, images }, observer);
  const text = compose(runs, looked);
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > LARGEST) {
    observer.warning?.(
      `The report has ${(bytes.length / 1e6).toFixed(1)} MB; name fewer runs for a smaller one`,
    );
  }
  writeAtomically(out, [bytes]);
  return {
    out,
    bytes: bytes.length,
    runs: runs.map(({ name }) => name),
    pictured: looked.map(({ name }) => name),
  };
}

async function lookAll(
  runs: readonly RunData[],
  { data, images, seed = 0, threads }: ReportRequest & { readonly images: number },
  { progress, warning }: ReportObserver,
): Promise<LookedRun[]> {
  const total = runs.reduce((sum, { files }) => sum + partsOf(files.checkpoints), 0);
  let done = 0;
  const onDone = () => progress?.(++done, total);
  const looked: LookedRun[] = [];
  using environment = Environment.open();
  for (const { name, config, files } of runs) {
    const { path, checkpoints } = files;
    const dataset = data ?? files.dataset?.path;
    const why = config === null
      ? `${files.command} trains no decoder`
      : checkpoints.length === 0
      ? "it has no checkpoint"
      : dataset === undefined
      ? "it names no dataset"
      : null;
    if (why !== null) {
      warning?.(`No pictures of ${name}: ${why}`);
      continue;
    }
    try {
      const run = { path, config: config!, dataset: dataset!, checkpoints };
      const seen = await lookThrough(environment, run, { images, seed, threads, onDone });
      looked.push({ name, config: config!, seen });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      warning?.(`No pictures of ${name}: ${error.message}`);
    }
  }
  return looked;
}

function compose(runs: readonly RunData[], looked: readonly LookedRun[]): string {
  const names = runs.map(({ name }) => name);
  const maker = ImageMaker.open();
  const pictures = <T>(make: () => T) => looked.length === 0 ? null : make();
  return page({
    title: names.length === 1
      ? `Report on ${names[0]}`
      : `Report on ${names.length} runs: ${names.join(", ")}`,
    summary: "Pretraining of Vision Transformers by masked image modelling, with ccmim.",
    sections: [
      { id: "results", name: "Results", content: headlineSection(runs, datasetsOf(runs)) },
      {
        id: "learning",
        name: "Learning",
        content: curvesSection(runs, {
          group: "learning",
          id: "learning",
          title: "Learning",
          note: "Pale: every step. Bold: smoothed. The data of each chart stand below it.",
          hasControl: true,
        }),
      },
      {
        id: "reconstructions",
        name: "Reconstructions",
        content: pictures(() => reconstructionsSection(looked, maker)),
      },
      {
        id: "over-training",
        name: "Over training",
        content: pictures(() => overTrainingSection(looked, maker)),
      },
      {
        id: "neighbours",
        name: "Neighbours",
        content: pictures(() => neighboursSection(looked, maker)),
      },
      { id: "features", name: "Features", content: pictures(() => featureMapSection(looked)) },
      { id: "confusion", name: "Confusion", content: confusionSection(runs) },
      {
        id: "speed",
        name: "Speed",
        content: curvesSection(runs, {
          group: "speed",
          id: "speed",
          title: "Speed and memory",
          note: "What the machine did with its time, step by step.",
        }),
      },
      { id: "configurations", name: "Configurations", content: configurationsSection(runs) },
      { id: "repeat", name: "Repeat it", content: repeatSection(runs) },
    ],
    footer: `Written by ccmim report from ${runs.map(({ files }) => files.path).join(", ")}.`,
  });
}

/** What lies at the datasets' places now; null where there is none. */
function datasetsOf(runs: readonly RunData[]): Map<string, DatasetInspection | null> {
  const paths = new Set(runs.flatMap(({ files }) => files.dataset?.path ?? []));
  return new Map([...paths].map((path) => {
    try {
      const found = inspect(path);
      return [path, found.kind === "dataset" ? found : null] as const;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return [path, null] as const;
    }
  }));
}
