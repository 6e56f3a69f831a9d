/** A folder that appears whole or not at all. */
import { basename, dirname, resolve } from "node:path";
import { exists, FileLock, flushFolder, writeDurably } from "../files/mod.ts";
import { DataError } from "./error.ts";

/**
 * A folder under a hidden name beside `target`, which becomes `target` by {@linkcode AtomicFolder.commit}. It vanishes when it
 * is disposed before that, unless it is to be kept for the next run, which finds it as it was left. One at a time may
 * be open for a target.
 */
export class AtomicFolder implements Disposable {
  /** Where to write. */
  readonly path: string;
  /** Whether it is left where it is if it is disposed without being committed; at first true if it was found so. */
  keep: boolean;
  readonly #target: string;
  readonly #mayReplace: ((folder: string) => boolean) | undefined;
  readonly #lock: FileLock;
  #done = false;

  /**
   * @param mayReplace says whether an existing folder may be replaced; without it none may.
   * @throws {DataError} if there is something at `target` that may not be replaced.
   * @throws {LockedError} if another process has it open.
   */
  constructor(target: string, mayReplace?: (folder: string) => boolean) {
    this.#target = resolve(target);
    this.#mayReplace = mayReplace;
    checkTarget(this.#target, this.#mayReplace);
    Deno.mkdirSync(dirname(this.#target), { recursive: true });
    const hidden = `${dirname(this.#target)}/.${basename(this.#target)}`;
    this.path = `${hidden}.unfinished`;
    this.#lock = FileLock.take(`${hidden}.lock`, this.#target);
    this.keep = exists(this.path);
    if (!this.keep) Deno.mkdirSync(this.path);
  }

  /** Removes all that is in it but these names. */
  removeOthers(names: readonly string[]): void {
    for (const { name } of [...Deno.readDirSync(this.path)]) {
      if (!names.includes(name)) Deno.removeSync(`${this.path}/${name}`, { recursive: true });
    }
  }

  /** Writes a file, whole or in pieces, and waits until it is on the disk. */
  writeFile(name: string, bytes: Uint8Array | Iterable<Uint8Array>): void {
    writeDurably(`${this.path}/${name}`, bytes instanceof Uint8Array ? [bytes] : bytes);
  }

  /** Gives the folder its name; what had it before is removed only after that. */
  commit(): void {
    checkTarget(this.#target, this.#mayReplace);
    flushFolder(this.path);
    if (!exists(this.#target)) {
      Deno.renameSync(this.path, this.#target);
    } else {
      const old = `${this.path}.old`;
      if (exists(old)) Deno.removeSync(old, { recursive: true });
      Deno.renameSync(this.#target, old);
      try {
        Deno.renameSync(this.path, this.#target);
      } catch (error) {
        Deno.renameSync(old, this.#target);
        throw error;
      }
      Deno.removeSync(old, { recursive: true });
    }
    flushFolder(dirname(this.#target));
    this.#end();
  }

  [Symbol.dispose](): void {
    if (this.#done) return;
    if (!this.keep) Deno.removeSync(this.path, { recursive: true });
    this.#end();
  }

  #end(): void {
    this.#done = true;
    this.#lock[Symbol.dispose]();
  }
}

/**
 * @param mayReplace says whether an existing folder may be replaced; without it none may.
 * @throws {DataError} if there is something at `target` that may not be replaced.
 */
export function checkTarget(target: string, mayReplace?: (folder: string) => boolean): void {
  if (!exists(target)) return;
  if (mayReplace === undefined) {
    throw new DataError(`Cannot write ${target}: it exists; use --force to replace it`);
  }
  if (!mayReplace(target)) {
    throw new DataError(`Cannot replace ${target}: it is not a packed dataset`);
  }
}
