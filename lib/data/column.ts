/** Columns of numbers that grow: what is known of a million images takes a few bytes each so, and a hundred as objects. */

/** Elements of a piece. Columns grow by pieces, so that nothing is ever copied. */
const PIECE_BITS = 16;
const PIECE = 1 << PIECE_BITS;

/** A list whose elements may be made when they are asked for. */
export interface List<T> {
  readonly length: number;
  at(i: number): T | undefined;
}

/** Numbers of one type. */
export class Column<T extends Uint8Array | Int32Array | Uint32Array> implements List<number> {
  readonly #type: new (length: number) => T;
  readonly #pieces: T[] = [];
  #length = 0;

  /** @param type of the elements; none are there so far. */
  constructor(type: new (length: number) => T) {
    this.#type = type;
  }

  get length(): number {
    return this.#length;
  }

  /** Appends a value. */
  push(value: number): void {
    const i = this.#length++;
    if ((i & (PIECE - 1)) === 0) this.#pieces.push(new this.#type(PIECE));
    this.#pieces[i >>> PIECE_BITS]![i & (PIECE - 1)] = value;
  }

  /** Element `i`, 0 <= i < length. */
  at(i: number): number {
    return this.#pieces[i >>> PIECE_BITS]![i & (PIECE - 1)]!;
  }

  /** Changes element `i`, 0 <= i < length. */
  set(i: number, value: number): void {
    this.#pieces[i >>> PIECE_BITS]![i & (PIECE - 1)] = value;
  }
}
