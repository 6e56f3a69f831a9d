/** What a run left in its folder, for those who look at it afterwards. */
import { join } from "node:path";
import { type CheckpointPlace, completeCheckpoints, type Json } from "../checkpoint/mod.ts";
import { isFile } from "../files/mod.ts";
import { DataError } from "../data/mod.ts";

/** Name of the file that makes a folder a run. */
export const RUN_CONFIG = "config.json";

/** A run that is not being trained here: what it was told, and where its checkpoints lie. */
export interface RunFiles {
  readonly path: string;
  /** The subcommand that made it: `pretrain`. */
  readonly command: string;
  /** Every resolved option, as that command writes it. */
  readonly config: Readonly<Record<string, Json>>;
  /** The packed dataset it was started on; null if it does not say. */
  readonly dataset: { readonly path: string; readonly sha256: string } | null;
  /** Program -> version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Complete checkpoints, the oldest first. */
  readonly checkpoints: readonly CheckpointPlace[];
}

/**
 * True if `path` is a folder that holds a run.
 *
 * @example
 * ```ts
 * import { isRun } from "./mod.ts";
 *
 * console.assert(isRun("run") && !isRun("dataset"));
 * ```
 */
export function isRun(path: string): boolean {
  return isFile(join(path, RUN_CONFIG));
}

/**
 * Reads what a run says of itself.
 *
 * @throws {DataError} if the folder holds no run, or its configuration is damaged.
 *
 * @example
 * ```ts
 * import { readRunFiles } from "./mod.ts";
 *
 * console.log(readRunFiles("run"));
 * ```
 */
export function readRunFiles(path: string): RunFiles {
  const file = join(path, RUN_CONFIG);
  if (!isRun(path)) {
    throw new DataError(`Cannot read ${path} as a run: it has no ${RUN_CONFIG}`);
  }
  const json = parseObject(Deno.readTextFileSync(file), file);
  const { command, config, dataset, versions } = json;
  if (typeof command !== "string" || !isObject(config)) {
    throw new DataError(`Cannot read ${file} as a run's configuration: it names no command`);
  }
  return {
    path,
    command,
    config,
    dataset: isIdentity(dataset) ? dataset : null,
    versions: isObject(versions) ? versions as Record<string, string> : {},
    checkpoints: completeCheckpoints(path),
  };
}

function parseObject(text: string, file: string): Readonly<Record<string, Json>> {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataError(`Cannot read ${file}: it is not JSON`, { cause });
  }
  if (!isObject(json)) throw new DataError(`Cannot read ${file}: it is no JSON object`);
  return json;
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIdentity(value: Json | undefined): value is { path: string; sha256: string } {
  return isObject(value) && typeof value.path === "string" && typeof value.sha256 === "string";
}
