/** `metrics.jsonl`: one JSON object a line, appended as training goes. */
import { join } from "node:path";
import { writeAtomically } from "../checkpoint/mod.ts";
import type { EpochMetrics, StepMetrics } from "./events.ts";

/** Name of the file in a run's folder. */
export const METRICS = "metrics.jsonl";

/** An open metrics file. */
export class MetricsFile implements Disposable {
  readonly #file: Deno.FsFile;

  /**
   * @param run the run's folder.
   * @param steps steps that the run continues after: what was written beyond them is cut off, since it is computed again.
   */
  constructor(run: string, steps: number) {
    const path = join(run, METRICS);
    writeAtomically(path, [new TextEncoder().encode(linesUpTo(path, steps))]);
    this.#file = Deno.openSync(path, { append: true });
  }

  /** Appends one object as a line. */
  write(metrics: StepMetrics | EpochMetrics): void {
    const entries = Object.entries(metrics).map(([name, value]) => [snakeCase(name), value]);
    const line = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)) + "\n");
    for (let written = 0; written < line.length;) {
      written += this.#file.writeSync(line.subarray(written));
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** The whole lines of the file whose step is at most `steps`. */
function linesUpTo(path: string, steps: number): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
  const lines = text.split("\n").slice(0, -1);
  const kept = lines.filter((line) => (JSON.parse(line) as { step: number }).step <= steps);
  return kept.map((line) => line + "\n").join("");
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
