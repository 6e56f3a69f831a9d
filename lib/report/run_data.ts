/** What a report reads of a run: no weights, no pixels. */
import { basename, join, resolve } from "node:path";
import { DataError } from "../data/mod.ts";
import { parsePretrainConfig, type PretrainConfig } from "../recipes/mod.ts";
import { isRun, type MetricsLine, readMetrics, readRunFiles, type RunFiles } from "../runs/mod.ts";
import { isProbe, type ProbeResult, readProbe, readProbes } from "./probes.ts";
import { type RunFacts, runFacts } from "./run_facts.ts";
import { type Point, seriesOf } from "./series.ts";

/** A run. */
export interface RunData {
  /** Short, and different from the others' of the report. */
  readonly name: string;
  readonly files: RunFiles;
  /** Of a pretraining run; null for others. */
  readonly config: PretrainConfig | null;
  readonly facts: RunFacts | null;
  readonly lines: readonly MetricsLine[];
  /** Metric -> its values. */
  readonly series: ReadonlyMap<string, readonly Point[]>;
  readonly probes: readonly ProbeResult[];
}

/**
 * Reads runs, and the probes of their checkpoints.
 *
 * @param paths folders of runs, and folders of probes of these.
 * @throws {DataError} if one is neither, is damaged, or has no metrics; or if a probe's run is not among them.
 */
export function readRuns(paths: readonly string[]): RunData[] {
  const runs = readEach(paths.filter((path) => !isProbe(path) || isPretrained(path)));
  const probes = paths.filter((path) => isProbe(path) && !isPretrained(path)).map(readProbe);
  for (const { path, weights } of probes) {
    if (runs.some((run) => isOf(run, weights))) continue;
    throw new DataError(
      `Cannot report on the probe ${path} without its run: name the run of ${
        weights ?? "a pretrained model"
      } as well`,
    );
  }
  return runs.map((run) => {
    const own = probes.filter(({ weights }) => isOf(run, weights));
    return { ...run, probes: [...run.probes, ...own] };
  });
}

/** True of a pretraining run, into whose folder a probe was written. */
function isPretrained(path: string): boolean {
  return isRun(path) && readRunFiles(path).command === "pretrain";
}

/** True if the file lies in the run's folder. */
function isOf({ files }: RunData, weights: string | null): boolean {
  return weights !== null && weights.startsWith(resolve(files.path) + "/");
}

function readEach(paths: readonly string[]): RunData[] {
  const names = namesOf(paths);
  return paths.map((path, i) => {
    const files = readRunFiles(path);
    const lines = readMetrics(path);
    if (lines.length === 0) {
      throw new DataError(`Cannot report on ${path}: it has no metrics yet; train at least a step`);
    }
    return {
      name: names[i]!,
      files,
      config: pretrainConfig(files),
      facts: runFacts(files),
      lines,
      series: seriesOf(lines),
      probes: readProbes(path),
    };
  });
}

function pretrainConfig({ command, config, path }: RunFiles): PretrainConfig | null {
  if (command !== "pretrain") return null;
  try {
    return parsePretrainConfig(config);
  } catch (cause) {
    const { message } = cause as Error;
    throw new DataError(`Cannot read the configuration of ${path}: ${message}`, { cause });
  }
}

/** The folders' names; with those above where two are the same. */
function namesOf(paths: readonly string[]): string[] {
  const whole = paths.map((path) => resolve(path));
  const short = whole.map((path) => basename(path));
  return short.map((name, i) => {
    return short.indexOf(name) === short.lastIndexOf(name)
      ? name
      : join(basename(resolve(whole[i]!, "..")), name);
  });
}
