/** Bytes of a file at any place, read through a small window. */

const WINDOW = 1 << 16;

/** An open file. */
export class FileBytes implements Disposable {
  readonly size: number;
  readonly #file: Deno.FsFile;
  #start = 0;
  #window = new Uint8Array(0);

  constructor(path: string) {
    this.#file = Deno.openSync(path);
    this.size = this.#file.statSync().size;
  }

  /** The byte at `offset`. @throws {SyntaxError} beyond the end. */
  byte(offset: number): number {
    return this.bytes(offset, 1)[0]!;
  }

  /** A view of `count` bytes, valid until the next call. @throws {SyntaxError} beyond the end. */
  bytes(offset: number, count: number): Uint8Array {
    if (offset < 0 || offset + count > this.size) {
      throw new SyntaxError(
        `Cannot read up to byte ${offset + count}: the file ends at ${this.size}`,
      );
    }
    const end = this.#start + this.#window.length;
    if (offset < this.#start || offset + count > end) this.#load(offset, Math.max(count, WINDOW));
    return this.#window.subarray(offset - this.#start, offset - this.#start + count);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #load(offset: number, count: number): void {
    const window = new Uint8Array(Math.min(count, this.size - offset));
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    let done = 0;
    while (done < window.length) {
      const now = this.#file.readSync(window.subarray(done));
      if (now === null) {
        throw new SyntaxError(`Cannot read on: the file was cut at ${offset + done}`);
      }
      done += now;
    }
    this.#start = offset;
    this.#window = window;
  }
}
