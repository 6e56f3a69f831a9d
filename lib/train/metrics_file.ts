/** `metrics.jsonl`: one JSON object a line, appended as training goes. */
import { join } from "node:path";
import { writeAtomically } from "../files/mod.ts";
import { DataError } from "../data/mod.ts";
import type { EpochMetrics, StepMetrics } from "./events.ts";

/** Name of the file in a run's folder. */
export const METRICS = "metrics.jsonl";

/** Losses of a run's last step and last evaluation. */
export type LastLosses =
  & Pick<StepMetrics, "rec" | "align" | "loss">
  & Pick<EpochMetrics, "valRec">;

/** An open metrics file. */
export class MetricsFile implements Disposable {
  /** The last losses of the run that is continued; null where there are none. */
  readonly last: LastLosses | null;
  readonly #file: Deno.FsFile;

  /**
   * @param run the run's folder.
   * @param steps steps that the run continues after: what was written beyond them is cut off, since it is computed again.
   * @throws {DataError} if the file is damaged.
   */
  constructor(run: string, steps: number) {
    const path = join(run, METRICS);
    const kept = linesUpTo(path, steps);
    writeAtomically(path, [new TextEncoder().encode(kept.map((line) => line + "\n").join(""))]);
    this.last = lastLosses(kept);
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
function linesUpTo(path: string, steps: number): string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const lines = text.split("\n").slice(0, -1); // a last line without its end was cut short
  return lines.filter((line, i) => {
    try {
      return (JSON.parse(line) as { step: number }).step <= steps;
    } catch (cause) {
      throw new DataError(
        `Cannot go on with ${path}: line ${i + 1} is damaged; mend or remove the file`,
        { cause },
      );
    }
  });
}

function lastLosses(lines: readonly string[]): LastLosses | null {
  const objects = lines.map((line) => JSON.parse(line));
  const step = objects.findLast((metrics) => "rec" in metrics);
  const epoch = objects.findLast((metrics) => "val_rec" in metrics);
  if (step === undefined) return null;
  return { rec: step.rec, align: step.align, loss: step.loss, valRec: epoch?.val_rec ?? null };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
