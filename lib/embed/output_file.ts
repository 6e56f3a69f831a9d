/** A file that is written bit by bit and appears under its name when it is whole. */
import { dirname } from "node:path";
import { exists, explainWrites, flushFolder, removeOrphans, temporaryFor } from "../files/mod.ts";

/** A new file under a temporary name. Unless it is committed, disposal removes it. */
export class OutputFile implements Disposable {
  /** Where it lies for now. */
  readonly temporary: string;
  readonly #path: string;
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    this.#path = path;
    removeOrphans(path);
    this.temporary = explainWrites(path, () => temporaryFor(path));
    this.#file = Deno.openSync(this.temporary, { write: true, create: true, truncate: true });
  }

  /** Writes all of `bytes` at the end. @throws {WriteError} if the system refuses it. */
  write(bytes: Uint8Array): void {
    explainWrites(this.#path, () => {
      for (let at = 0; at < bytes.byteLength;) at += this.#file.writeSync(bytes.subarray(at));
    });
  }

  /** Writes text at the end. */
  writeText(text: string): void {
    this.write(new TextEncoder().encode(text));
  }

  /** Writes over what is at the start. */
  writeStart(bytes: Uint8Array): void {
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.write(bytes);
  }

  /** Gives it its name; a file that had it is replaced. */
  commit(): void {
    explainWrites(this.#path, () => this.#file.syncSync());
    Deno.renameSync(this.temporary, this.#path);
    flushFolder(dirname(this.#path));
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (exists(this.temporary)) Deno.removeSync(this.temporary);
  }
}
