/**
 * A run's checkpoints: `<run>/checkpoints/step-00000100/` with
 * - `model.safetensors`: parameters, buffers and fixed positions, by the names of MAE/timm checkpoints;
 * - `state.safetensors`: all else that an exact resume needs (moments, the number of steps that counted);
 * - `position.json`: where in the run it was taken, and the size and SHA-256 of the other two.
 *
 * Equal content gives equal bytes: no clock, no machine, no version of anything is in them.
 */
import { join } from "node:path";
import * as v from "valibot";
import { DataError } from "../data/mod.ts";
import { replaceFolderAtomically, writeDurably } from "../files/mod.ts";
import { checkDigest, digestOf, digestOfFile, readFile } from "./file_digest.ts";
import {
  encodeSafetensors,
  parseSafetensors,
  type SafetensorsFile,
  type StoredTensor,
} from "./safetensors.ts";

/** A value that JSON holds. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Where in its run a checkpoint was taken. Further fields are the caller's, and come back as they were. */
export interface Position {
  /** Optimiser steps done. */
  readonly step: number;
  /** Index of the next micro-batch to read. */
  readonly microBatch: number;
  readonly [field: string]: Json;
}

/** What {@linkcode saveCheckpoint} writes. */
export interface CheckpointContent {
  readonly model: ReadonlyMap<string, StoredTensor>;
  /** Metadata of `model.safetensors`; `{ format: "pt" }`, which other libraries look for, unless given. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly state: ReadonlyMap<string, StoredTensor>;
  readonly position: { readonly microBatch: number; readonly [field: string]: Json };
}

/** What {@linkcode loadCheckpoint} returns. */
export interface Checkpoint {
  readonly model: SafetensorsFile;
  readonly state: SafetensorsFile;
  readonly position: Position;
}

/** Where a checkpoint lies. */
export interface CheckpointPlace {
  readonly path: string;
  readonly step: number;
}

/** The folder of a run's checkpoints. */
export function folderOf(runFolder: string): string {
  return join(runFolder, "checkpoints");
}

const FORMAT = "ccmim-checkpoint-1";
/** Name of the file with the parameters. */
export const MODEL_FILE = "model.safetensors";
const STATE = "state.safetensors";
/** Name of the file that makes a folder a checkpoint. */
export const POSITION = "position.json";

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Description = v.strictObject({
  bytes: whole,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
const PositionFile = v.looseObject({
  format: v.literal(FORMAT),
  step: whole,
  microBatch: whole,
  files: v.strictObject({ [MODEL_FILE]: Description, [STATE]: Description }),
});

/**
 * Write the checkpoint of `step`, whole or not at all, in place of one that was there.
 *
 * @throws {RangeError} if the step or the micro-batch is no whole number >= 0.
 * @throws {TypeError} if the position names a field that is written by itself, or a tensor does not fit its shape.
 *
 * @example
 * ```ts
 * import { loadCheckpoint, saveCheckpoint } from "./mod.ts";
 *
 * const data = new Uint8Array(Float32Array.of(1, 2).buffer);
 * const tensors = new Map([["w", { dtype: "float32", shape: [2], data } as const]]);
 * const { path } = saveCheckpoint("mine", 5, {
 *   model: tensors,
 *   state: tensors,
 *   position: { microBatch: 5 },
 * });
 * console.assert(loadCheckpoint(path).position.step === 5);
 * ```
 */
export function saveCheckpoint(
  runFolder: string,
  step: number,
  { model, metadata = { format: "pt" }, state, position }: CheckpointContent,
): CheckpointPlace {
  for (const [what, value] of [["step", step], ["micro-batch", position.microBatch]] as const) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(
        `Cannot save a checkpoint at ${what} ${value}: it must be a whole number >= 0`,
      );
    }
  }
  for (const field of ["format", "step", "files"]) {
    if (field in position) {
      const why = "the checkpoint writes that field";
      throw new TypeError(`Cannot store "${field}" in a position: ${why}`);
    }
  }
  const folder = folderOf(runFolder);
  Deno.mkdirSync(folder, { recursive: true });
  const path = join(folder, `step-${String(step).padStart(8, "0")}`);
  const files = {
    [MODEL_FILE]: encodeSafetensors(model, metadata),
    [STATE]: encodeSafetensors(state),
  };
  const described = Object.fromEntries(
    Object.entries(files).map(([name, chunks]) => [name, digestOf(chunks)]),
  );
  const json = { format: FORMAT, step, ...position, files: described };
  const text = new TextEncoder().encode(JSON.stringify(json, null, 2) + "\n");
  replaceFolderAtomically(path, (temporary) => {
    for (const [name, chunks] of Object.entries(files)) writeDurably(join(temporary, name), chunks);
    writeDurably(join(temporary, POSITION), [text]);
  });
  return { path, step };
}

/**
 * What a checkpoint says of itself, without reading its tensors.
 *
 * @throws {DataError} if it is missing or damaged.
 *
 * @example
 * ```ts
 * import { checkpointPosition, latestCheckpoint } from "./mod.ts";
 *
 * console.assert(checkpointPosition(latestCheckpoint("run")!.path).step === 2);
 * ```
 */
export function checkpointPosition(path: string): Position {
  const { format: _format, files: _files, ...position } = readPosition(path);
  return position as Position;
}

/** @throws {DataError} if a byte of a checkpoint is not what `position.json` says. */
export function checkCheckpoint(path: string): void {
  const { files } = readPosition(path);
  for (const name of [MODEL_FILE, STATE] as const) {
    const file = join(path, name);
    checkDigest(file, digestOfFile(file), files[name]);
  }
}

/**
 * Read a checkpoint, checking every byte of it against `position.json`.
 *
 * @throws {DataError} if a file is missing, damaged or not what the format says.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, loadCheckpoint } from "./mod.ts";
 *
 * const { model } = loadCheckpoint(latestCheckpoint("run")!.path);
 * console.assert(model.tensors.has("cls_token"));
 * ```
 */
export function loadCheckpoint(path: string): Checkpoint {
  return { ...loadCheckpointModel(path), state: loadTensors(path, STATE) };
}

/**
 * {@linkcode loadCheckpoint} without the state, which is the larger part.
 *
 * @throws {DataError} as there.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, loadCheckpointModel } from "./mod.ts";
 *
 * const { model } = loadCheckpointModel(latestCheckpoint("run")!.path);
 * console.assert(model.tensors.has("cls_token"));
 * ```
 */
export function loadCheckpointModel(path: string): Pick<Checkpoint, "model" | "position"> {
  return { model: loadTensors(path, MODEL_FILE), position: checkpointPosition(path) };
}

function loadTensors(path: string, name: typeof MODEL_FILE | typeof STATE): SafetensorsFile {
  const file = join(path, name);
  try {
    const described = readPosition(path).files[name];
    const bytes = readFile(file);
    checkDigest(file, digestOf([bytes]), described);
    return parseSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataError(`Cannot use ${file}: ${error.message}`, { cause: error });
  }
}

/** What `position.json` holds. @throws {DataError} if it is missing or damaged. */
export function readPosition(path: string): v.InferOutput<typeof PositionFile> {
  const file = join(path, POSITION);
  const text = new TextDecoder().decode(readFile(file));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DataError(`Cannot read ${file} as JSON: ${(error as Error).message}`);
  }
  const result = v.safeParse(PositionFile, json);
  if (!result.success) {
    throw new DataError(`Cannot read ${file} as a position: ${v.summarize(result.issues)}`);
  }
  return result.output;
}
