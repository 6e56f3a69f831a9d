/** The lines of `metrics.jsonl`, read back; docs/metrics.md says what the fields are. */
import { join } from "node:path";
import { DataError } from "../data/mod.ts";

/** Name of the file in a run's folder. */
const METRICS_FILE = "metrics.jsonl";

/** One line: `step`, and whatever was measured then. */
export type MetricsLine = { readonly step: number } & Readonly<Record<string, unknown>>;

/** Bytes of the end of the file that are looked at for the last lines. */
const TAIL = 1 << 16;

/**
 * All lines, in order; none if there is no file. A last line without its end is left out: it is being written.
 *
 * @throws {DataError} naming a line that is damaged.
 *
 * @example
 * ```ts
 * import { readMetrics } from "./mod.ts";
 *
 * for (const { step, loss } of readMetrics("run")) console.log(step, loss);
 * ```
 */
export function readMetrics(run: string): MetricsLine[] {
  const path = join(run, METRICS_FILE);
  const text = readText(path, 0);
  return text === null ? [] : parseLines(text, path);
}

/**
 * The same for the last lines only, however long the file is.
 *
 * @example
 * ```ts
 * import { readLastMetrics } from "./mod.ts";
 *
 * const last = readLastMetrics("run").at(-1)!;
 * console.assert(last.step === 2);
 * ```
 */
export function readLastMetrics(run: string): MetricsLine[] {
  const path = join(run, METRICS_FILE);
  const text = readText(path, TAIL);
  return text === null ? [] : parseLines(text, path);
}

/** The file's text, or its end if `tail` is not 0: whole lines. */
function readText(path: string, tail: number): string | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  using _file = file;
  const { size } = file.statSync();
  const from = tail === 0 ? 0 : Math.max(0, size - tail);
  file.seekSync(from, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size - from);
  let done = 0;
  while (done < bytes.length) {
    const now = file.readSync(bytes.subarray(done));
    if (now === null) break;
    done += now;
  }
  const text = new TextDecoder().decode(bytes.subarray(0, done));
  return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
}

function parseLines(text: string, path: string): MetricsLine[] {
  return text.split("\n").slice(0, -1).map((line, i) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new DataError(`Cannot read ${path}: line ${i + 1} is damaged`, { cause });
    }
    if (typeof (value as { step?: unknown } | null)?.step !== "number") {
      throw new DataError(`Cannot read ${path}: line ${i + 1} names no step`);
    }
    return value as MetricsLine;
  });
}
