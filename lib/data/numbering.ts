/** Numbers for values of which each comes up often. */

/** Numbers from 0 on, in the order in which the values came up first. */
export class Numbering<T> {
  readonly #numbers = new Map<T, number>();
  readonly #values: T[] = [];

  /** Value of each number. */
  get values(): readonly T[] {
    return this.#values;
  }

  /** The number of a value, a new one if it has none. */
  of(value: T): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#numbers.set(value, this.#values.length);
    return this.#values.push(value) - 1;
  }
}
