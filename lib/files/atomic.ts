/** Files and folders that are there whole or not at all, also after a crash or a power cut. */
import { basename, dirname, join } from "node:path";
import { exists } from "./exists.ts";
import { explainWrites } from "./write_error.ts";

/** What leftovers of an interrupted write are called; never the name of anything finished. */
export const TEMPORARY_PREFIX = ".tmp-";

/** Name of what is written, process, and whether it is what was there before. */
const LEFTOVER = /^\.tmp-(.+)-\d+(-old)?$/;

/** Bytes handed to one write call. */
const PIECE = 8 << 20;

/**
 * Write `chunks` to the file at `path`: under a temporary name beside it, flushed to the disk, then renamed over
 * what was there. On failure the temporary file is removed and the old file is untouched.
 *
 * @throws {WriteError} if the system refuses it.
 *
 * @example
 * ```ts
 * import { writeAtomically } from "./mod.ts";
 *
 * writeAtomically("result.json", [new TextEncoder().encode("{}")]);
 * console.assert(Deno.readTextFileSync("result.json") === "{}");
 * ```
 */
export function writeAtomically(path: string, chunks: Iterable<Uint8Array>): void {
  explainWrites(path, () => {
    const temporary = temporaryFor(path);
    try {
      writeDurably(temporary, chunks);
      Deno.renameSync(temporary, path);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
    flushFolder(dirname(path));
  });
}

/**
 * Make the folder `path` of what `fill(temporary)` writes into a new folder beside it, which is then renamed to
 * `path`. A folder that was there is moved aside first and removed last; if the process dies between the two renames,
 * `path` is missing rather than half written, and {@linkcode removeLeftovers} gives the old one its name back. On failure the
 * temporary folder is removed.
 *
 * `fill` writes its files with {@linkcode writeDurably}.
 *
 * @throws {WriteError} if the system refuses it.
 *
 * @example
 * ```ts
 * import { exists, replaceFolderAtomically, writeDurably } from "./mod.ts";
 *
 * replaceFolderAtomically("results", (temporary) => {
 *   writeDurably(`${temporary}/a.txt`, [new TextEncoder().encode("a")]);
 * });
 * console.assert(exists("results/a.txt"));
 * ```
 */
export function replaceFolderAtomically(path: string, fill: (temporary: string) => void): void {
  explainWrites(path, () => replaceFolder(path, fill));
}

function replaceFolder(path: string, fill: (temporary: string) => void): void {
  const temporary = temporaryFor(path);
  const aside = `${temporary}-old`;
  try {
    removeIfThere(temporary);
    removeIfThere(aside);
    Deno.mkdirSync(temporary);
    fill(temporary);
    flushFolder(temporary);
    if (exists(path)) Deno.renameSync(path, aside);
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    if (exists(aside) && !exists(path)) Deno.renameSync(aside, path);
    throw error;
  }
  flushFolder(dirname(path));
  removeIfThere(aside);
}

/**
 * Write a new file of `chunks` and wait until the disk has it.
 *
 * @example
 * ```ts
 * import { writeDurably } from "./mod.ts";
 *
 * writeDurably("durable.txt", [new TextEncoder().encode("a"), new TextEncoder().encode("b")]);
 * console.assert(Deno.readTextFileSync("durable.txt") === "ab");
 * ```
 */
export function writeDurably(path: string, chunks: Iterable<Uint8Array>): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      at += file.writeSync(chunk.subarray(at, at + PIECE));
    }
  }
  file.syncSync();
}

/**
 * Remove what interrupted writes have left in `folder`; a folder that was moved aside and not replaced gets its name back.
 *
 * @returns the names that were removed.
 *
 * @example
 * ```ts
 * import { removeLeftovers } from "./mod.ts";
 *
 * console.assert(removeLeftovers("dataset").length === 0);
 * ```
 */
export function removeLeftovers(folder: string): string[] {
  const names = namesIn(folder).filter((name) => LEFTOVER.test(name)).sort();
  return names.filter((name) => {
    const [, target, aside] = LEFTOVER.exec(name)!;
    if (target !== undefined && aside !== undefined && !exists(join(folder, target))) {
      Deno.renameSync(join(folder, name), join(folder, target));
      return false;
    }
    removeIfThere(join(folder, name));
    return true;
  });
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

/**
 * Where what will be `path` is written, beside it. Makes the folders that are missing on the way.
 *
 * @example
 * ```ts
 * import { temporaryFor } from "./mod.ts";
 *
 * console.assert(temporaryFor("new.bin") !== "new.bin");
 * ```
 */
export function temporaryFor(path: string): string {
  Deno.mkdirSync(dirname(path), { recursive: true });
  return temporaryName(path);
}

/**
 * What {@linkcode temporaryFor} gives, without making anything.
 *
 * @example
 * ```ts
 * import { temporaryName } from "./mod.ts";
 *
 * console.assert(temporaryName("new.bin") !== "new.bin");
 * ```
 */
export function temporaryName(path: string): string {
  return join(dirname(path), `${TEMPORARY_PREFIX}${basename(path)}-${Deno.pid}`);
}

/**
 * A rename is on the disk once its folder is; Windows cannot open folders and needs no such call.
 *
 * @example
 * ```ts
 * import { flushFolder } from "./mod.ts";
 *
 * Deno.writeTextFileSync("renamed.tmp", "");
 * Deno.renameSync("renamed.tmp", "renamed.txt");
 * flushFolder("."); // the new name survives a power cut
 * ```
 */
export function flushFolder(folder: string): void {
  if (Deno.build.os === "windows") return;
  using file = Deno.openSync(folder);
  file.syncSync();
}

function removeIfThere(path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
}
