/** Runs and their checkpoints. */
import { join } from "node:path";
import { checkpointPosition, type Position } from "../checkpoint/mod.ts";
import { type MetricsLine, readLastMetrics, readRunFiles, type RunFiles } from "../runs/mod.ts";
import { inspectSafetensors, type SafetensorsInspection } from "./tensors.ts";

/** What a run is, and how far it got. */
export interface RunInspection extends Omit<RunFiles, "checkpoints"> {
  readonly kind: "run";
  /** Of all files in the folder. */
  readonly bytes: number;
  /** The last line of the metrics that tells of a step; null if there is none. */
  readonly lastStep: MetricsLine | null;
  /** The last line that tells of an epoch; null if there is none. */
  readonly lastEpoch: MetricsLine | null;
  /** Steps and names of the complete checkpoints, the oldest first. */
  readonly checkpoints: readonly { readonly step: number; readonly name: string }[];
}

/** A checkpoint of a run. */
export interface CheckpointInspection {
  readonly kind: "checkpoint";
  readonly path: string;
  readonly bytes: number;
  readonly position: Position;
  readonly files: Readonly<Record<string, SafetensorsInspection>>;
}

/** Reads a run's configuration and the end of its metrics. @throws {DataError} if one is damaged. */
export function inspectRun(path: string): RunInspection {
  const { checkpoints, ...run } = readRunFiles(path);
  const lines = readLastMetrics(path);
  return {
    kind: "run",
    ...run,
    bytes: bytesUnder(path),
    lastStep: lines.findLast((line) => "lr" in line) ?? null,
    lastEpoch: lines.findLast((line) => !("lr" in line)) ?? null,
    checkpoints: checkpoints.map(({ step, path }) => ({ step, name: path.split("/").at(-1)! })),
  };
}

/**
 * Reads where a checkpoint was taken, and the headers of its files.
 *
 * @throws {DataError} if the position is damaged.
 * @throws {SyntaxError} if a file of tensors is.
 */
export function inspectCheckpoint(path: string): CheckpointInspection {
  const names = [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => name.endsWith(".safetensors")).sort();
  return {
    kind: "checkpoint",
    path,
    bytes: bytesUnder(path),
    position: checkpointPosition(path),
    files: Object.fromEntries(names.map((name) => [name, inspectSafetensors(join(path, name))])),
  };
}

function bytesUnder(folder: string): number {
  let sum = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    sum += isDirectory ? bytesUnder(path) : Deno.lstatSync(path).size;
  }
  return sum;
}
