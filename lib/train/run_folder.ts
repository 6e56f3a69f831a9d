/** A run's folder: `config.json`, `metrics.jsonl`, `checkpoints/`. */
import { join } from "node:path";
import { createHash } from "node:crypto";
import { latestCheckpoint } from "../checkpoint/mod.ts";
import { explainWrites, writeAtomically } from "../files/mod.ts";
import { DataError, MANIFEST } from "../data/mod.ts";
import { PACKAGE_VERSION } from "../runtime/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { METRICS } from "./metrics_file.ts";
import { VERSION } from "./version.ts";

const CONFIG = "config.json";

/** The dataset that a run was started on. */
export interface DatasetIdentity {
  /** Where it lies. */
  readonly path: string;
  /** SHA-256 of its manifest, which holds the checksums of all its files. */
  readonly sha256: string;
}

/**
 * Identifies a packed dataset.
 *
 * @throws {DataError} if there is none.
 *
 * @example
 * ```ts
 * import { identifyDataset } from "./mod.ts";
 *
 * console.log(identifyDataset("dataset"));
 * ```
 */
export function identifyDataset(path: string): DatasetIdentity {
  const bytes = read(join(path, MANIFEST));
  if (bytes === null) {
    throw new DataError(
      `Cannot read ${path} as a dataset: it has no ${MANIFEST}; make one with ccmim prepare`,
    );
  }
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** @throws {ConfigError} if the folder already holds a run, or checkpoints of one, or cannot be a folder. */
export function refuseTaken(out: string): void {
  if (isBlocked(out)) {
    throw new ConfigError(`Cannot start a run in ${out}: a file has that name, or is on the way`);
  }
  if (read(join(out, CONFIG)) !== null) {
    throw new ConfigError(
      `Cannot start a run in ${out}: it already holds one; go on with --resume, or name another folder`,
    );
  }
  if (latestCheckpoint(out) !== null) {
    throw new ConfigError(
      `Cannot start a run in ${out}: it holds checkpoints of a run whose ${CONFIG} is gone; name another folder`,
    );
  }
}

/** What `config.json` says of a run. */
export interface RunIdentity<C> {
  /** The command that makes runs of this kind. */
  readonly command: string;
  readonly config: C;
  readonly dataset: DatasetIdentity;
}

/**
 * Starts a run: makes the folder and writes `config.json`.
 *
 * @throws {ConfigError} as {@linkcode refuseTaken}.
 * @throws {WriteError} if it cannot be written.
 */
export function createRun<C>(out: string, { command, config, dataset }: RunIdentity<C>): void {
  refuseTaken(out);
  explainWrites(out, () => Deno.mkdirSync(out, { recursive: true }));
  const versions = { ccmim: VERSION, deno: Deno.version.deno, onnxruntime: PACKAGE_VERSION };
  const json = JSON.stringify({ command, config, dataset, versions }, null, 2);
  const path = join(out, CONFIG);
  explainWrites(path, () => writeAtomically(path, [new TextEncoder().encode(json + "\n")]));
}

/** Takes back {@linkcode createRun} where training never began, so that it can be started with other options. */
export function discardRun(out: string): void {
  if (latestCheckpoint(out) !== null || read(join(out, METRICS)) !== null) return;
  Deno.removeSync(join(out, CONFIG));
  if (Deno.readDirSync(out)[Symbol.iterator]().next().done) Deno.removeSync(out);
}

/** What a run in a folder is expected to be. */
export interface ExpectedRun<C> {
  readonly command: string;
  readonly dataset: DatasetIdentity;
  /** Reads a configuration back. @throws {SyntaxError} if it is none. */
  parse(config: unknown): C;
}

/**
 * The configuration of the run in `out`; null if there is none.
 *
 * @throws {DataError} if `config.json` is damaged.
 * @throws {ConfigError} if another command made the run, or it was started on another dataset.
 */
export function readRun<C>(out: string, { command, dataset, parse }: ExpectedRun<C>): C | null {
  const path = join(out, CONFIG);
  const bytes = read(path);
  if (bytes === null) return null;
  let saved: {
    command?: unknown;
    config?: unknown;
    dataset?: { path?: unknown; sha256?: unknown };
  };
  const damaged = (error: unknown) =>
    new DataError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  try {
    saved = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw damaged(error);
  }
  if (typeof saved?.command === "string" && saved.command !== command) {
    throw new ConfigError(
      `Cannot go on with ${out} as a run of ccmim ${command}: it is one of ccmim ${saved.command}`,
    );
  }
  let config: C;
  try {
    config = parse(saved.config);
  } catch (error) {
    throw damaged(error);
  }
  if (saved.dataset?.sha256 !== dataset.sha256) {
    throw new ConfigError(
      `Cannot resume ${out} with --data ${dataset.path}: the run was started on another dataset ` +
        `(${saved.dataset?.path}, manifest ${saved.dataset?.sha256}), this manifest is ${dataset.sha256}`,
    );
  }
  return config;
}

/** The file's bytes; null if there is none. */
function read(path: string): Uint8Array | null {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotADirectory) return null; // something on the way is a file
    throw error;
  }
}

/** True if `path` is a file, or something on the way to it is. */
function isBlocked(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return true;
    throw error;
  }
}
