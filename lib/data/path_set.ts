/** Paths of which each is there once, and its number. */
import { Paths } from "./paths.ts";

/** A list of differing paths that grows and is looked up. */
export class PathSet extends Paths {
  /** Open addressing: 1 + the number of a path whose hash led here or to a slot before; 0 = free. A power of two of them. */
  #slots = new Uint32Array(1 << 10);
  #scratch = new Uint8Array(1 << 10);
  readonly #encoder = new TextEncoder();

  /** Adds a path. @returns its number, or `undefined` if it was there. */
  add(path: string): number | undefined {
    const bytes = this.#encode(path);
    const slot = this.#slotOf(bytes);
    if (this.#slots[slot] !== 0) return undefined;
    const number = this.length;
    this.push(bytes);
    this.#slots[slot] = number + 1;
    if (4 * this.length > 3 * this.#slots.length) this.#grow();
    return number;
  }

  /** Number of a path; `undefined` if it is not there. */
  find(path: string): number | undefined {
    const found = this.#slots[this.#slotOf(this.#encode(path))]!;
    return found === 0 ? undefined : found - 1;
  }

  /** Where a path is, or would be. */
  #slotOf(path: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = hash(path) & mask;
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.is(found - 1, path)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let i = 0; i < this.length; i++) {
      let slot = hash(this.bytes(i)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = i + 1;
    }
  }

  /** UTF-8, valid until the next call. */
  #encode(path: string): Uint8Array {
    if (this.#scratch.length < 3 * path.length) this.#scratch = new Uint8Array(3 * path.length);
    return this.#scratch.subarray(0, this.#encoder.encodeInto(path, this.#scratch).written);
  }
}

/** FNV-1a, its bits mixed once more at the end, so that the low ones depend on all. */
function hash(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < bytes.length; k++) hash = Math.imul(hash ^ bytes[k]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
