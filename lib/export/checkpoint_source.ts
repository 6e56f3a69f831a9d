/** What is exported, read from a run, a checkpoint or a file of weights. */
import { basename, dirname, join, resolve } from "node:path";
import type { Json, StoredTensor } from "../checkpoint/mod.ts";
import { DataError, sha256OfFile } from "../data/mod.ts";
import { isRun, readRunFiles, type RunFiles } from "../runs/mod.ts";
import { showShape } from "../tensor/mod.ts";
import { type LoadedWeights, loadWeights } from "../weights/mod.ts";
import type { ExportSource } from "./source.ts";

/** How weights are read. */
export interface SourceOptions {
  /** Heads of the encoder, where nothing says them. */
  readonly heads?: number | undefined;
  /** Take what matches an encoder, and leave out what is unknown. */
  readonly partial?: boolean | undefined;
  /** Told which tensors of the file matched, were ignored or are missing, in words. */
  onWeights?(match: string): void;
}

/**
 * Reads a trained model: see `loadWeights`. A head is one whose tensors are `head.weight` and `head.bias`.
 *
 * @throws {DataError} if there is none, or it matches in part only.
 * @throws {ConfigError} if the heads cannot be, or have to be told.
 *
 * @example
 * ```ts
 * import { readExportSource } from "./mod.ts";
 *
 * const { encoder } = readExportSource("run");
 * console.assert(encoder.width === 16);
 * ```
 */
export function readExportSource(path: string, options: SourceOptions = {}): ExportSource {
  const weights = loadWeights(path, { ...options, parts: "all" });
  const run = runOf(weights.path);
  const { tensors, sizes: encoder, decoderHeads } = weights;
  return {
    encoder,
    decoderHeads,
    tensors,
    pooledNorm: tensors.has("fc_norm.weight") && !tensors.has("norm.weight"),
    classes: classesOf(weights, run),
    dataset: run?.dataset?.path ?? null,
    provenance: provenanceOf(weights, run),
  };
}

/** Folder of a run's best checkpoint. */
const BEST = "best";

/** The run that a checkpoint, or a file in it, lies in; null if it lies elsewhere. */
function runOf(path: string): RunFiles | null {
  for (let folder = resolve(path); dirname(folder) !== folder; folder = dirname(folder)) {
    if (basename(folder) !== "checkpoints") continue;
    const above = dirname(folder);
    const run = basename(above) === BEST ? dirname(above) : above;
    return isRun(run) ? readRunFiles(run) : null;
  }
  return null;
}

/** Names of the classes: the run's, the file's, else their numbers. */
function classesOf(
  { tensors, metadata, path }: LoadedWeights,
  run: RunFiles | null,
): readonly string[] | null {
  const weight: StoredTensor | undefined = tensors.get("head.weight");
  if (weight === undefined || !tensors.has("head.bias")) return null;
  const [count = 0] = weight.shape;
  if (weight.shape.length !== 2 || count === 0) {
    throw new DataError(
      `Cannot use head.weight of ${path} as a classifier: it is ${showShape(weight.shape)}`,
    );
  }
  const named = [run?.config["classes"], parse(metadata["classes"])].find((names) => {
    return isTexts(names) && names.length === count;
  });
  return named as string[] | undefined ?? Array.from({ length: count }, (_, i) => String(i));
}

/** What the exported file says of where it comes from. */
function provenanceOf(
  { kind, path, naming, headsFrom }: LoadedWeights,
  run: RunFiles | null,
): Record<string, string> {
  const file = kind === "file" ? path : join(path, "model.safetensors");
  const told = {
    command: run?.command,
    method: run?.config["method"],
    recipe: run?.config["recipe"],
    dataset_sha256: run?.dataset?.sha256,
    trained_with: run === null ? undefined : JSON.stringify(run.versions),
  };
  return {
    checkpoint_sha256: sha256OfFile(file),
    checkpoint_names: naming,
    heads_from: headsFrom,
    ...kind === "file" ? {} : { checkpoint: basename(path) },
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => typeof value === "string")),
  };
}

function parse(text: string | undefined): Json {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
