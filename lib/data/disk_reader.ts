/** Reading what lies somewhere in files. */
import { readAt } from "./positioned.ts";
import type { OnDisk } from "./source.ts";

/** Reads stretches of files. What it reads next is mostly in the file of before, so that stays open. Dispose it to close it. */
export class DiskReader implements Disposable {
  #opened: { readonly path: string; readonly file: Deno.FsFile } | undefined;

  /** @throws {Error} if there are less than `size` bytes. */
  read({ file: path, offset }: OnDisk, size: number): Uint8Array<ArrayBuffer> {
    if (this.#opened?.path !== path) {
      this[Symbol.dispose]();
      this.#opened = { path, file: Deno.openSync(path) };
    }
    const bytes = new Uint8Array(size);
    if (readAt(this.#opened.file, offset, bytes) < size) {
      throw new Error("its file got shorter after it was listed");
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#opened?.file.close();
    this.#opened = undefined;
  }
}
