/** Places to write to, looked at before there is anything to write. */
import { dirname, join } from "node:path";
import { temporaryName } from "./atomic.ts";
import { exists, isFolder } from "./exists.ts";
import { explainWrites, WriteError } from "./write_error.ts";

/** What is asked for cannot be written there; its name is that of all errors of what is asked for. */
export class PlaceError extends Error {
  /** Name of the class. */
  override readonly name = "ConfigError";
}

/**
 * Refuses a path that nothing could be written to, before work is done whose result would be lost. Folders on the way that
 * are missing are no reason: {@linkcode temporaryFor} makes them. Leaves nothing behind.
 *
 * @throws {PlaceError} if a file is on the way.
 * @throws {WriteError} if the system lets nothing be made there.
 *
 * @example
 * ```ts
 * import { checkPlace } from "./mod.ts";
 *
 * checkPlace("results/new/folder");
 * ```
 */
export function checkPlace(path: string): void {
  explainWrites(path, () => {
    let folder = dirname(path);
    while (!exists(folder) && dirname(folder) !== folder) folder = dirname(folder);
    if (!isFolder(folder)) throw new PlaceError(`Cannot write ${path}: ${folder} is no folder`);
    const trial = temporaryName(`${folder}/place`);
    if (exists(trial)) return;
    try {
      explainWrites(path, () => Deno.mkdirSync(trial));
    } catch (error) {
      if (error instanceof WriteError) throw error;
      const message = `Cannot write ${path}: nothing can be made in ${folder}`;
      throw new WriteError(message, { cause: error });
    }
    Deno.removeSync(trial);
  });
}

/**
 * Refuses a path for a folder into which nothing could be written: of one that is there it does not matter what it lies in.
 *
 * @throws {PlaceError} if a file is on the way.
 * @throws {WriteError} if the system lets nothing be made there.
 *
 * @example
 * ```ts
 * import { checkFolderPlace } from "./mod.ts";
 *
 * checkFolderPlace("runs/first");
 * ```
 */
export function checkFolderPlace(path: string): void {
  const isThere = explainWrites(path, () => isFolder(path));
  checkPlace(isThere ? join(path, "run") : path);
}

/**
 * Refuses a path for a new file that nothing could be written to, or where something is that may not be replaced.
 *
 * @throws {PlaceError} if it is a folder, or a file and `force` is false, or a file is on the way.
 * @throws {WriteError} as {@linkcode checkPlace}.
 *
 * @example
 * ```ts
 * import { checkFilePlace } from "./mod.ts";
 *
 * checkFilePlace("new.onnx", { force: false });
 * ```
 */
export function checkFilePlace(path: string, { force }: { readonly force: boolean }): void {
  explainWrites(path, () => {
    if (isFolder(path)) throw new PlaceError(`Cannot write ${path}: it is a folder`);
    if (exists(path) && !force) {
      throw new PlaceError(`Cannot write ${path}: it exists; use --force to replace it`);
    }
  });
  checkPlace(path);
}
