/** A folder that appears whole or not at all. */
import { basename, dirname, resolve } from "node:path";
import { exists, flushFolder, writeDurably } from "../files/mod.ts";
import { DataError } from "./error.ts";

/**
 * A folder under a temporary name beside `target`, which becomes `target` by {@linkcode AtomicFolder.commit}
 * and vanishes when it is disposed before that.
 */
export class AtomicFolder implements Disposable {
  /** Where to write. */
  readonly path: string;
  readonly #target: string;
  readonly #mayReplace: ((folder: string) => boolean) | undefined;
  #done = false;

  /**
   * @param mayReplace says whether an existing folder may be replaced; without it none may.
   * @throws {DataError} if there is something at `target` that may not be replaced.
   */
  constructor(target: string, mayReplace?: (folder: string) => boolean) {
    this.#target = resolve(target);
    this.#mayReplace = mayReplace;
    checkTarget(this.#target, this.#mayReplace);
    const parent = dirname(this.#target);
    Deno.mkdirSync(parent, { recursive: true });
    this.path = Deno.makeTempDirSync({ dir: parent, prefix: `.${basename(this.#target)}.` });
    Deno.chmodSync(this.path, 0o777 & ~Deno.umask());
  }

  /** Writes a file and waits until it is on the disk. */
  writeFile(name: string, bytes: Uint8Array): void {
    writeDurably(`${this.path}/${name}`, [bytes]);
  }

  /** Gives the folder its name; what had it before is removed only after that. */
  commit(): void {
    checkTarget(this.#target, this.#mayReplace);
    flushFolder(this.path);
    if (!exists(this.#target)) {
      Deno.renameSync(this.path, this.#target);
    } else {
      const old = `${this.path}.old`;
      Deno.renameSync(this.#target, old);
      try {
        Deno.renameSync(this.path, this.#target);
      } catch (error) {
        Deno.renameSync(old, this.#target);
        throw error;
      }
      Deno.removeSync(old, { recursive: true });
    }
    this.#done = true;
    flushFolder(dirname(this.#target));
  }

  [Symbol.dispose](): void {
    if (!this.#done) Deno.removeSync(this.path, { recursive: true });
    this.#done = true;
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
