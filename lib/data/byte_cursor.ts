/** Reading forward through bytes, passing over what nobody wants: in a file by going there, in a stream by dropping it. */
import { readAt } from "./positioned.ts";

/** A place in bytes that are read from start to end. Dispose it to close what they come from. */
export interface ByteCursor extends Disposable {
  /** How many bytes lie before it. */
  readonly at: number;
  /** The next `count` bytes; fewer only where they end. They stay as they are. */
  take(count: number): Bytes | Promise<Bytes>;
  /** The next bytes, from 1 to `most`, as many as there are without waiting; none where they end. */
  some(most: number): Bytes | Promise<Bytes>;
  /** Goes to a place, or to the end if that comes first. @throws {RangeError} if it is a stream and would have to go back. */
  seek(place: number): void | Promise<void>;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a file that are read at once: a header with the start of what follows it, or some small files. */
const WINDOW = 1 << 15;

/** Bytes of a file that are read at once where all of them are wanted. */
const PIECE = 1 << 18;

/** Reads a file, and no more of it than a little around what is wanted. */
export class FileCursor implements ByteCursor {
  at = 0;
  readonly #file: Deno.FsFile;
  readonly #bytes: number;
  /** What was read last, and where it begins. It is never read into again, so what was taken of it stays. */
  #window: Bytes = new Uint8Array();
  #start = 0;

  constructor(path: string) {
    this.#file = Deno.openSync(path);
    this.#bytes = this.#file.statSync().size;
  }

  take(count: number): Bytes {
    const length = Math.max(0, Math.min(count, this.#bytes - this.at)); // what is declared may be wrong
    if (this.at < this.#start || this.at + length > this.#start + this.#window.length) {
      const window = new Uint8Array(Math.max(length, WINDOW));
      this.#window = window.subarray(0, readAt(this.#file, this.at, window));
      this.#start = this.at;
    }
    const from = this.at - this.#start;
    const bytes = this.#window.subarray(from, from + length);
    this.at += bytes.length;
    return bytes;
  }

  some(most: number): Bytes {
    return this.take(Math.min(most, PIECE));
  }

  seek(place: number): void {
    this.at = Math.min(place, this.#bytes);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Reads a stream, whose pieces nobody else writes to. */
export class StreamCursor implements ByteCursor {
  at = 0;
  readonly #pieces: AsyncGenerator<Bytes>;
  /** What is left of the last piece. */
  #rest: Bytes = new Uint8Array();

  constructor(pieces: AsyncGenerator<Bytes>) {
    this.#pieces = pieces;
  }

  take(count: number): Bytes | Promise<Bytes> {
    return this.#rest.length >= count ? this.#cut(count) : this.#gather(count);
  }

  async some(most: number): Promise<Bytes> {
    if (this.#rest.length === 0) await this.#fill();
    return this.#cut(most);
  }

  seek(place: number): void | Promise<void> {
    const distance = place - this.at;
    if (distance < 0) throw new RangeError(`Cannot go back to byte ${place} of a stream`);
    if (distance <= this.#rest.length) this.#cut(distance);
    else return this.#skip(distance);
  }

  [Symbol.dispose](): void {
    this.#pieces.return(undefined).catch(() => {}); // whatever it was, nobody waits for it any more
  }

  #cut(most: number): Bytes {
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    this.at += bytes.length;
    return bytes;
  }

  /** Whether there is anything more. */
  async #fill(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (!done) this.#rest = value;
    return !done;
  }

  async #gather(count: number): Promise<Bytes> {
    const pieces = [this.#cut(count)];
    let missing = count - pieces[0]!.length;
    while (missing > 0 && await this.#fill()) {
      const piece = this.#cut(missing);
      pieces.push(piece);
      missing -= piece.length;
    }
    const bytes = new Uint8Array(count - missing);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  async #skip(distance: number): Promise<void> {
    let missing = distance - this.#cut(distance).length;
    while (missing > 0 && await this.#fill()) missing -= this.#cut(missing).length;
  }
}
