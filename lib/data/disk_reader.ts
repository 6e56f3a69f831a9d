/** Reading what lies somewhere in files. */
import { readAt } from "./positioned.ts";
import type { OnDisk } from "./source.ts";
import { whyUnreachable } from "./unreachable.ts";

/** Reads stretches of files. What it reads next is mostly in the file of before, so that stays open. Dispose it to close it. */
export class DiskReader implements Disposable {
  #opened: { readonly path: string; readonly file: Deno.FsFile } | undefined;

  /** @throws {Error} if there are less than `size` bytes, or the file cannot be opened; the message is the reason alone. */
  read({ file: path, offset }: OnDisk, size: number): Uint8Array<ArrayBuffer> {
    if (this.#opened?.path !== path) {
      this[Symbol.dispose]();
      this.#opened = { path, file: open(path) };
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

/** What the system says of a file that is gone would name its folder, which is no part of a dataset. */
function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    const reason = whyUnreachable(cause);
    throw reason === undefined ? cause : new Error(reason, { cause });
  }
}
