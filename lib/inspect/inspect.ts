/** What a file or a folder is, by its own words. */
import { dirname, join } from "node:path";
import { POSITION } from "../checkpoint/mod.ts";
import { DataError, MANIFEST } from "../data/mod.ts";
import { RUN_CONFIG } from "../runs/mod.ts";
import { type DatasetInspection, inspectDataset } from "./dataset.ts";
import { FileBytes } from "./file_bytes.ts";
import { inspectOnnx, type OnnxInspection } from "./onnx_file.ts";
import {
  type CheckpointInspection,
  inspectCheckpoint,
  inspectRun,
  type RunInspection,
} from "./run.ts";
import {
  inspectNpy,
  inspectSafetensors,
  type NpyInspection,
  type SafetensorsInspection,
} from "./tensors.ts";

/** What was found; `kind` says which. */
export type Inspection =
  | DatasetInspection
  | RunInspection
  | CheckpointInspection
  | SafetensorsInspection
  | OnnxInspection
  | NpyInspection;

/** File whose presence tells a folder, and who reads such a folder. */
const FOLDERS: readonly (readonly [file: string, (path: string) => Inspection])[] = [
  [MANIFEST, inspectDataset],
  [RUN_CONFIG, inspectRun],
  [POSITION, inspectCheckpoint],
];

const KINDS = "a packed dataset, a run, a checkpoint, or an ONNX, safetensors or .npy file";

/**
 * Says what lies at `path`, reading headers only: neither pixels nor weights.
 *
 * @throws {DataError} if there is nothing, it is something else, or it is damaged.
 *
 * @example
 * ```ts
 * import { inspect } from "./mod.ts";
 *
 * const found = inspect("dataset");
 * console.assert(found.kind === "dataset");
 * ```
 */
export function inspect(path: string): Inspection {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory)) {
      throw cause;
    }
    throw new DataError(`Cannot inspect ${path}: there is no such file or folder`, { cause });
  }
  if (info.isDirectory) return inspectFolder(path);
  const named = FOLDERS.find(([file]) => path.split("/").at(-1) === file);
  if (named !== undefined) return named[1](dirname(path));
  try {
    return readerOf(path)(path);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataError(`Cannot inspect ${path}: ${error.message}`, { cause: error });
  }
}

function inspectFolder(path: string): Inspection {
  for (const [file, read] of FOLDERS) {
    try {
      if (!Deno.statSync(join(path, file)).isFile) continue;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    try {
      return read(path);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new DataError(`Cannot inspect ${path}: ${error.message}`, { cause: error });
    }
  }
  const names = FOLDERS.map(([file]) => file).join(", ");
  throw new DataError(`Cannot tell what ${path} is: it holds none of ${names}; known is ${KINDS}`);
}

/** Who reads a file, by its first bytes. */
function readerOf(path: string): (path: string) => Inspection {
  using file = new FileBytes(path);
  const start = file.bytes(0, Math.min(file.size, 16)).slice();
  const ascii = String.fromCharCode(...start);
  if (ascii.slice(1, 6) === "NUMPY") return inspectNpy;
  if (start.length > 8 && ascii[8] === "{") return inspectSafetensors;
  if (/\.safetensors$/i.test(path)) return inspectSafetensors;
  if (start[0] === 0x08 || /\.onnx$/i.test(path)) return inspectOnnx; // irVersion comes first
  throw new DataError(`Cannot tell what ${path} is by its first bytes: known is ${KINDS}`);
}
