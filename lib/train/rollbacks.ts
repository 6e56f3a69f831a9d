/** `<run>/rollbacks.json`: where a run went back to a checkpoint, and for which steps its learning rate is halved since then. */
import { join } from "node:path";
import * as v from "valibot";
import { DataError } from "../data/mod.ts";
import { explainWrites, writeAtomically } from "../files/mod.ts";

/** A run goes back so often at most. */
export const MOST_ROLLBACKS = 3;

/** Steps for which the rate is halved at least, and in proportion to the steps that were lost. */
const HALVED = { least: 100, perLost: 2 } as const;

const FILE = "rollbacks.json";

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Rollbacks = v.array(v.strictObject({ diverged: whole, from: whole, until: whole }));

/** One return: steps after `from` and up to `until` are trained at half the rate. */
export type Rollback = v.InferOutput<typeof Rollbacks>[number];

/** A return from the step that diverged to the checkpoint after `from` steps. */
export function rollbackTo(from: number, diverged: number): Rollback {
  const steps = Math.max(HALVED.least, HALVED.perLost * (diverged - from));
  return { diverged, from, until: from + steps };
}

/** What the learning rate of the step after `done` steps is multiplied by: 1/2 for each return that it lies behind. */
export function rateFactor(rollbacks: readonly Rollback[], done: number): number {
  const behind = rollbacks.filter(({ from, until }) => done >= from && done < until);
  return 2 ** -behind.length;
}

/** The returns of a run so far. @throws {DataError} if the file is damaged. */
export function readRollbacks(run: string): readonly Rollback[] {
  const path = join(run, FILE);
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Rollbacks), text);
  if (parsed.success) return parsed.output;
  throw new DataError(`Cannot read ${path}: ${v.summarize(parsed.issues)}`);
}

/** Writes them down, so that a run that is resumed is computed as if it had not been interrupted. */
export function writeRollbacks(run: string, rollbacks: readonly Rollback[]): void {
  const path = join(run, FILE);
  const bytes = new TextEncoder().encode(`${JSON.stringify(rollbacks, null, 2)}\n`);
  explainWrites(path, () => writeAtomically(path, [bytes]));
}
