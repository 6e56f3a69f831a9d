/**
 * A reference to a native object, freed exactly once: when it was disposed and nothing made from it is left.
 * So the order of disposal does not matter, disposing twice is harmless, and using it afterwards throws.
 */
export class Handle implements Disposable {
  readonly #what: string;
  readonly #pointer: Deno.PointerObject;
  readonly #parents: readonly Handle[];
  #free: (() => void) | null;
  #open = true;
  #uses = 1;

  /**
   * @param what what it is, for messages: "session"
   * @param free called once, to free the object
   * @param parents what must outlive it
   */
  constructor(
    what: string,
    pointer: Deno.PointerObject,
    options: { free: () => void; parents?: readonly Handle[] },
  ) {
    this.#what = what;
    this.#pointer = pointer;
    this.#free = options.free;
    this.#parents = options.parents ?? [];
    for (const parent of this.#parents) parent.retain();
  }

  /** Address of the native object. @throws {TypeError} after disposal. */
  get pointer(): Deno.PointerObject {
    this.check();
    return this.#pointer;
  }

  /** @throws {TypeError} after disposal. */
  check(): void {
    if (!this.#open) throw new TypeError(`Cannot use this ${this.#what}: it was disposed`);
  }

  /** Keeps the object alive until a matching {@linkcode drop}. @throws {TypeError} after disposal. */
  retain(): void {
    this.check();
    this.#uses++;
  }

  /** Ends one {@linkcode retain}. */
  drop(): void {
    if (--this.#uses > 0) return;
    const free = this.#free;
    this.#free = null;
    free?.();
    for (const parent of this.#parents) parent.drop();
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.drop();
  }
}
