/** Reading what lies somewhere in files. */
import { readAt } from "./positioned.ts";
import type { OnDisk } from "./source.ts";
import { whyUnreachable } from "./unreachable.ts";

/** What was there when it was listed is not. The message is the reason alone. */
export class GoneError extends Error {
  override readonly name = "GoneError";
}

/** Reads stretches of files. What it reads next is mostly in the file of before, so that stays open. Dispose it to close it. */
export class DiskReader implements Disposable {
  #opened: { readonly path: string; readonly file: Deno.FsFile } | undefined;

  /**
   * @throws {GoneError} if there are less than `size` bytes, or no file that may be read; what else the system says is no fault of
   * the file.
   */
  read({ file: path, offset }: OnDisk, size: number): Uint8Array<ArrayBuffer> {
    if (this.#opened?.path !== path) {
      this[Symbol.dispose]();
      this.#opened = { path, file: open(path) };
    }
    const bytes = new Uint8Array(size);
    if (readFrom(this.#opened, offset, bytes) < size) {
      throw new GoneError("its file got shorter after it was listed");
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#opened?.file.close();
    this.#opened = undefined;
  }
}

function readFrom(
  { path, file }: { readonly path: string; readonly file: Deno.FsFile },
  offset: number,
  bytes: Uint8Array,
): number {
  try {
    return readAt(file, offset, bytes);
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** What the system says of a file that is gone would name its folder, which is no part of a dataset. */
function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    const reason = whyUnreachable(cause);
    throw reason === undefined ? cause : new GoneError(reason, { cause });
  }
}
