/** Many paths in little memory: UTF-8, one after another. */
import { Column, type List } from "./column.ts";

const PIECE_BITS = 20;
const PIECE = 1 << PIECE_BITS;

/** Where they end is told in 32 bits, here and in an index. */
const MOST_BYTES = 2 ** 32 - 1;

/** A list of paths that grows. */
export class Paths implements List<string> {
  readonly #pieces: Uint8Array[] = [];
  readonly #ends = new Column(Uint32Array);
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #size = 0;

  get length(): number {
    return this.#ends.length;
  }

  /** Appends a path. @throws {RangeError} if all together get larger than 4 GiB. */
  push(path: Uint8Array): void {
    if (this.#size + path.length > MOST_BYTES) {
      throw new RangeError(`Cannot list ${this.length + 1} files: their paths take 4 GiB or more`);
    }
    for (let done = 0; done < path.length;) {
      const at = this.#size & (PIECE - 1);
      if (at === 0) this.#pieces.push(new Uint8Array(PIECE));
      const part = path.subarray(done, done + PIECE - at);
      this.#pieces.at(-1)!.set(part, at);
      done += part.length;
      this.#size += part.length;
    }
    this.#ends.push(this.#size);
  }

  /** Path `i`, without its first `skip` bytes. */
  at(i: number, skip = 0): string {
    return this.#decoder.decode(this.bytes(i, skip));
  }

  /** The UTF-8 of path `i`, without its first `skip` bytes. Not to be changed. */
  bytes(i: number, skip = 0): Uint8Array {
    const begin = this.#begin(i) + skip;
    const length = this.#ends.at(i) - begin;
    const at = begin & (PIECE - 1);
    const first = this.#pieces[begin >>> PIECE_BITS] ?? new Uint8Array();
    if (at + length <= PIECE) return first.subarray(at, at + length);
    const whole = new Uint8Array(length);
    for (let k = 0; k < length; k++) whole[k] = this.#byte(begin + k);
    return whole;
  }

  /** Whether path `i` is this one. */
  is(i: number, path: Uint8Array): boolean {
    const begin = this.#begin(i);
    if (this.#ends.at(i) - begin !== path.length) return false;
    for (let k = 0; k < path.length; k++) if (this.#byte(begin + k) !== path[k]) return false;
    return true;
  }

  /**
   * Compares two paths as `<` does strings, by UTF-16 units.
   *
   * @param skipI bytes at the start of path `i` that do not count; `skipJ` of path `j`.
   * @returns less than 0 if `i` is the smaller one, 0 if they are equal.
   */
  compare(i: number, j: number, skipI = 0, skipJ = 0): number {
    let [a, b] = [this.#begin(i) + skipI, this.#begin(j) + skipJ];
    const [endA, endB] = [this.#ends.at(i), this.#ends.at(j)];
    for (; a < endA && b < endB; a++, b++) {
      const [x, y] = [this.#byte(a), this.#byte(b)];
      if (x !== y) return utf16Rank(x) - utf16Rank(y);
    }
    return (endA - a) - (endB - b);
  }

  #begin(i: number): number {
    return i === 0 ? 0 : this.#ends.at(i - 1);
  }

  #byte(at: number): number {
    return this.#pieces[at >>> PIECE_BITS]![at & (PIECE - 1)]!;
  }
}

/** What a character's first byte sorts as: those beyond 16 bits come before U+E000, as their surrogates do. */
function utf16Rank(byte: number): number {
  return byte === 0xee || byte === 0xef ? byte + 0x10 : byte;
}
