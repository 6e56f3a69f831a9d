/** Whether a long run holds its memory, and gives back what it took. */
import { pretrain } from "../../lib/train/mod.ts";
import { TINY } from "../tiny.ts";

/** Steps that memory takes to settle. */
const WARM_UP = 500;

/** Steps that are averaged at the start and at the end. */
const WINDOW = 250;

/** What a long run held. */
export interface MemoryTally {
  readonly steps: number;
  /** Mean resident bytes after the warm-up and at the end. */
  readonly early: number;
  readonly late: number;
  /** Share by which it grew. */
  readonly growth: number;
}

/** What runs in one process leave behind: files and threads beyond those after the first. */
export interface LeftTally {
  readonly runs: number;
  readonly files: number;
  readonly threads: number;
}

/** Looks at the metrics of a finished run. @throws {RangeError} if it is too short. */
export function memoryOf(run: string): MemoryTally {
  const memory = Deno.readTextFileSync(`${run}/metrics.jsonl`).trimEnd().split("\n")
    .map((line) => (JSON.parse(line) as { memory?: number }).memory)
    .filter((bytes) => bytes !== undefined);
  if (memory.length < WARM_UP + 2 * WINDOW) {
    throw new RangeError(`Cannot tell growth from ${memory.length} steps: ${WARM_UP + 2 * WINDOW}`);
  }
  const early = mean(memory.slice(WARM_UP, WARM_UP + WINDOW));
  const late = mean(memory.slice(-WINDOW));
  return { steps: memory.length, early, late, growth: late / early - 1 };
}

/** Trains in this process several times, and counts what is open afterwards; zeros where the system does not tell. */
export async function leftBehind(
  dataset: string,
  folder: string,
  runs: number,
): Promise<LeftTally> {
  const options = { ...TINY, steps: 10, warmup: { count: 2 } };
  const counts: { files: number; threads: number }[] = [];
  for (let i = 0; i < runs; i++) {
    await pretrain({ data: dataset, out: `${folder}/again-${i}`, options, resume: false });
    await new Promise((resolve) => setTimeout(resolve, 300)); // threads end after they were told to
    counts.push({ files: entries("fd"), threads: entries("task") });
  }
  const [first, last] = [counts[0]!, counts.at(-1)!];
  return { runs, files: last.files - first.files, threads: last.threads - first.threads };
}

function entries(name: "fd" | "task"): number {
  try {
    return [...Deno.readDirSync(`/proc/self/${name}`)].length;
  } catch {
    return 0;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
