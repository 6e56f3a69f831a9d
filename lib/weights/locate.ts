/** What a path to weights stands for: a run, a checkpoint, a folder of Hugging Face's or a file. */
import { dirname, join, resolve } from "node:path";
import { latestCheckpoint } from "../checkpoint/mod.ts";
import { DataError } from "../data/mod.ts";

/** Where weights lie. */
export interface Located {
  readonly kind: "run" | "checkpoint" | "file";
  /** The checkpoint's folder, or the file. */
  readonly path: string;
  /** Where a `config.json` that describes the model may be, the likeliest first. */
  readonly configs: readonly string[];
}

const CONFIG = "config.json";

/** Folder of a run's best checkpoint. */
const BEST = "best";

/** Files of weights in a folder of Hugging Face's, in order of preference. */
const FILES = ["model.safetensors", "pytorch_model.bin"];

/**
 * What `path` stands for. Of a run, its best checkpoint if it keeps one, as fine-tuning does, else its newest that is complete.
 *
 * @throws {DataError} if there is nothing, or a folder in which no weights are.
 */
export function locateWeights(path: string): Located {
  const stat = statOf(path);
  if (stat === null) throw new DataError(`Cannot read weights from ${path}: it does not exist`);
  if (!stat.isDirectory) return { kind: "file", path, configs: configsAbove(dirname(path)) };
  if (statOf(join(path, "position.json")) !== null) {
    return { kind: "checkpoint", path, configs: configsAbove(path) };
  }
  const latest = latestCheckpoint(join(path, BEST)) ?? latestCheckpoint(path);
  if (latest !== null) {
    return { kind: "run", path: latest.path, configs: configsAbove(latest.path) };
  }
  const file = FILES.map((name) => join(path, name)).find((file) => statOf(file)?.isFile);
  if (file !== undefined) return { kind: "file", path: file, configs: [join(path, CONFIG)] };
  throw new DataError(
    `Cannot read weights from ${path}: the folder has neither complete checkpoints nor ${
      FILES.join(" or ")
    }`,
  );
}

/** A checkpoint lies two folders below its run's configuration, the best one three; its files one more. */
function configsAbove(folder: string): string[] {
  const above = [resolve(folder)];
  while (above.length < 4) above.push(dirname(above.at(-1)!));
  return above.map((path) => join(path, CONFIG));
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}
