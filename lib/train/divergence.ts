/** `<run>/divergence/`: all that a step needs to be looked at again after its loss or gradient was not finite. */
import { join } from "node:path";
import * as v from "valibot";
import { encodeSafetensors, readSafetensors, type StoredTensor } from "../checkpoint/mod.ts";
import { DataError } from "../data/mod.ts";
import { explainWrites, replaceFolderAtomically, writeDurably } from "../files/mod.ts";
import { firstNotFinite, type Range } from "./ranges.ts";
import type { TensorMap } from "./state.ts";

/** Name of the folder in a run's folder. */
export const DIVERGENCE = "divergence";

const FORMAT = "ccmim-divergence-1";
const REPORT = "report.json";
const MODEL = "model.safetensors";

/** A micro-batch of the step. */
export interface DivergedBatch {
  /** Counted through all epochs. */
  readonly index: number;
  /** Indices into the training split, and paths in its source. */
  readonly samples: readonly number[];
  readonly paths: readonly string[];
  /** The batch as the graph reads it. */
  readonly tensors: TensorMap;
  /** Ranges of all named tensors; empty if they could not be computed. */
  readonly ranges: readonly Range[];
}

/** What is known of the step. */
export interface DivergedStep {
  readonly command: string;
  readonly config: unknown;
  readonly storedSize: number;
  /** The step, counted from 1. */
  readonly step: number;
  readonly epoch: number;
  readonly seed: number;
  readonly lr: number;
  readonly loss: number | null;
  readonly gradNorm: number | null;
  readonly lossScale: number | null;
  /** True if a further step may have changed the parameters: on a device that runs ahead. */
  readonly isLate: boolean;
  readonly batches: readonly DivergedBatch[];
  /** Parameters and buffers that the step started from. */
  readonly model: TensorMap;
}

/**
 * Writes the folder in place of one of an earlier step.
 *
 * @returns the name of the first tensor that is not finite; null if all are, or none could be computed.
 * @throws {WriteError} if it cannot be written.
 */
export function writeDivergence(run: string, diverged: DivergedStep): string | null {
  const { batches, model, ...facts } = diverged;
  const first = batches.map(({ ranges }) => firstNotFinite(ranges)).find((range) => range !== null);
  const report = {
    format: FORMAT,
    ...facts,
    firstNotFinite: first?.name ?? null,
    microBatches: batches.map(({ index, samples, paths, ranges }) => {
      return { index, samples, paths, ranges };
    }),
  };
  const folder = join(run, DIVERGENCE);
  explainWrites(folder, () =>
    replaceFolderAtomically(folder, (temporary) => {
      const write = (name: string, chunks: readonly Uint8Array[]) =>
        writeDurably(join(temporary, name), chunks);
      write(MODEL, encodeSafetensors(model));
      batches.forEach(({ tensors }, i) => write(batchName(i), encodeSafetensors(tensors)));
      write(REPORT, [new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`)]);
    }));
  return first?.name ?? null;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Report = v.object({
  format: v.literal(FORMAT),
  command: v.string(),
  config: v.unknown(),
  storedSize: whole,
  step: whole,
  lossScale: v.nullable(v.number()),
  isLate: v.boolean(),
  microBatches: v.array(v.object({ index: whole, paths: v.array(v.string()) })),
});

/** A step as it is read back. */
export interface SavedDivergence extends v.InferOutput<typeof Report> {
  readonly model: TensorMap;
  readonly batches: readonly TensorMap[];
}

/** Reads a folder that {@linkcode writeDivergence} wrote. @throws {DataError} if it is none. */
export function readDivergence(folder: string): SavedDivergence {
  const report = v.safeParse(Report, readJson(join(folder, REPORT)));
  if (!report.success) {
    throw new DataError(
      `Cannot read ${join(folder, REPORT)} as a divergence: ${v.summarize(report.issues)}`,
    );
  }
  const tensors = (name: string): ReadonlyMap<string, StoredTensor> => {
    try {
      return readSafetensors(join(folder, name)).tensors;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof Deno.errors.NotFound)) throw error;
      throw new DataError(`Cannot read ${join(folder, name)}: ${error.message}`, { cause: error });
    }
  };
  const batches = report.output.microBatches.map((_, i) => tensors(batchName(i)));
  return { ...report.output, model: tensors(MODEL), batches };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof Deno.errors.NotFound)) throw error;
    throw new DataError(`Cannot read ${path} as a divergence: ${error.message}`, { cause: error });
  }
}

function batchName(i: number): string {
  return `batch-${String(i).padStart(3, "0")}.safetensors`;
}
