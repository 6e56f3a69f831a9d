/** `metrics.jsonl`: one JSON object a line, appended as training goes. */
import { join } from "node:path";
import { explainWrites, writeAtomically } from "../files/mod.ts";
import { DataError } from "../data/mod.ts";
import type { EpochOf, Figures, StepOf } from "./metrics.ts";

/** Name of the file in a run's folder. */
export const METRICS = "metrics.jsonl";

/** What a run's steps and evaluations came to so far. */
export interface History {
  /** Figures of the last step; null before the first. */
  readonly step: Figures | null;
  /** Every evaluation, in order. */
  readonly epochs: readonly EpochOf<Figures>[];
}

/** An open metrics file. */
export class MetricsFile implements Disposable {
  /** What the run that is continued came to. */
  readonly history: History;
  readonly #path: string;
  readonly #file: Deno.FsFile;

  /**
   * @param run the run's folder.
   * @param steps steps that the run continues after: what was written beyond them is cut off, since it is computed again.
   * @throws {DataError} if the file is damaged.
   */
  constructor(run: string, steps: number) {
    const path = join(run, METRICS);
    const kept = linesUpTo(path, steps);
    const text = new TextEncoder().encode(kept.map((line) => line + "\n").join(""));
    explainWrites(path, () => writeAtomically(path, [text]));
    this.history = historyOf(kept);
    this.#path = path;
    this.#file = Deno.openSync(path, { append: true });
  }

  /** Appends one object as a line. @throws {WriteError} if there is no room for it. */
  write(metrics: StepOf | EpochOf): void {
    const entries = Object.entries(metrics).map(([name, value]) => [snakeCase(name), value]);
    const line = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)) + "\n");
    explainWrites(this.#path, () => {
      for (let written = 0; written < line.length;) {
        written += this.#file.writeSync(line.subarray(written));
      }
    });
  }

  /** Waits until the disk has all lines: a checkpoint must not be newer than they are. */
  sync(): void {
    explainWrites(this.#path, () => this.#file.syncSync());
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

/** A step's line has a learning rate, an evaluation's has none. */
function historyOf(lines: readonly string[]): History {
  const objects = lines.map((line) => camelCased(JSON.parse(line)));
  return {
    step: objects.findLast((metrics) => "lr" in metrics) ?? null,
    epochs: objects.filter((metrics) => !("lr" in metrics)) as unknown as readonly EpochOf<
      Figures
    >[],
  };
}

function camelCased(metrics: Readonly<Record<string, unknown>>): Figures {
  const camelCase = (name: string) =>
    name.replace(/_[a-z]/g, ([, letter]) => letter!.toUpperCase());
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [camelCase(name), value]),
  ) as Figures;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
