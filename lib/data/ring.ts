/**
 * A ring of slots in shared memory, between producers in some workers and one consumer in another. Everything after the start
 * goes through it by `Atomics`, errors too, because the consumer's event loop does not turn while it trains.
 *
 * Item k lies in slot k mod slots. Every producer fills its part of every item, in order; an item is ready when all have. So
 * what the ring yields depends neither on the number of slots or producers nor on timing.
 *
 * Memory: whole pages of control words and error texts, then the slots.
 */
import { SLOT_ALIGNMENT } from "./batch.ts";

/** Most slots that a ring has. */
export const MAX_SLOTS = 63;

/** Most producers that a ring has. */
export const MAX_PRODUCERS = 64;

/** What a counter holds once the ring is closed, or a producer is gone; counters are never negative otherwise. */
const CLOSED = -1, BROKEN = -2;
/** Counters stay below this: they are compared only, so they may start again. */
const WRAP = 2 ** 30;

/** Words of the control memory: two counters a slot, the item at which each producer failed, the length of its text. */
const FILLED = 0; // parts that were filled so far, of a slot
const TAKEN = 64; // times that the consumer has released a slot
const FAILED_AT = 128; // 1 + the item at which a producer failed, 0 = it did not, BROKEN = at none in particular
const TEXT_LENGTH = 192;
const WORDS = 256;

/** Bytes for the text of a producer's error. */
const TEXT_BYTES = 3072;

/** How a producer failed. */
export interface RingFailure {
  readonly message: string;
  /** True if the input is at fault, false if the program is. */
  readonly data: boolean;
}

/** A handle of the ring; the workers open one each, over the same memory. */
export class Ring {
  readonly #texts: Uint8Array;
  readonly #words: Int32Array;

  /**
   * Over memory from {@linkcode ringMemory}.
   *
   * @param slots of the ring.
   * @param producers of which each fills a part of every item.
   */
  constructor(
    readonly memory: SharedArrayBuffer,
    readonly slots: number,
    readonly producers: number = 1,
  ) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#texts = new Uint8Array(memory, 4 * WORDS, producers * TEXT_BYTES);
  }

  /** Producer: wait until its part of the item may be filled; false once the ring is closed. */
  waitFree(item: number): boolean {
    const round = this.#round(item);
    return this.#waitFor(TAKEN + item % this.slots, (taken) => taken === round % WRAP);
  }

  /** Producer: hand over its filled part. */
  publish(item: number): void {
    this.#add(FILLED + item % this.slots);
  }

  /** Producer: end with an error, which the consumer meets when it comes to this item. */
  fail(item: number, producer: number, failure: RingFailure): void {
    this.#leave(producer, 1 + item % WRAP, failure);
    this.#add(FILLED + item % this.slots);
  }

  /** Whoever started a producer: it is gone without a word; the consumer meets that wherever it is. */
  breakOff(producer: number, failure: RingFailure): void {
    this.#leave(producer, BROKEN, failure);
    this.#end(BROKEN, FILLED);
  }

  /**
   * Consumer: wait until the item is filled; the failure if it never will be. Of several it is the one that was first to come
   * in the item, whichever came first in time.
   *
   * @throws {TypeError} once closed.
   */
  waitReady(item: number): RingFailure | null {
    const whole = (this.#round(item) + 1) * this.producers % WRAP;
    const word = FILLED + item % this.slots;
    const filled = this.#waitFor(word, (filled) => filled === whole);
    if (!filled && Atomics.load(this.#words, word) === CLOSED) {
      throw new TypeError("Cannot take a slot: the ring is closed");
    }
    const mark = filled ? 1 + item % WRAP : BROKEN;
    for (let producer = 0; producer < this.producers; producer++) {
      if (Atomics.load(this.#words, FAILED_AT + producer) !== mark) continue;
      const length = this.#words[TEXT_LENGTH + producer];
      const text = this.#texts.slice(producer * TEXT_BYTES).slice(0, length);
      return JSON.parse(new TextDecoder().decode(text)) as RingFailure;
    }
    return null;
  }

  /** Consumer: let the item's slot be filled again. */
  release(item: number): void {
    this.#add(TAKEN + item % this.slots);
  }

  /** Any side: wake all; the producers end, the consumer takes no more. */
  close(): void {
    this.#end(CLOSED, FILLED);
    this.#end(CLOSED, TAKEN);
  }

  /** Put an end to the counters that start at a word. */
  #end(how: number, first: number): void {
    for (let word = first; word < first + this.slots; word++) {
      Atomics.store(this.#words, word, how);
      Atomics.notify(this.#words, word);
    }
  }

  #leave(producer: number, mark: number, failure: RingFailure): void {
    const text = shortened(failure);
    this.#texts.set(text, producer * TEXT_BYTES);
    this.#words[TEXT_LENGTH + producer] = text.byteLength;
    Atomics.store(this.#words, FAILED_AT + producer, mark);
  }

  #round(item: number): number {
    return Math.floor(item / this.slots);
  }

  /** Block until a counter is as it must be; false if the ring has ended. */
  #waitFor(word: number, holds: (count: number) => boolean): boolean {
    for (;;) {
      const found = Atomics.load(this.#words, word);
      if (found < 0) return false;
      if (holds(found)) return true;
      Atomics.wait(this.#words, word, found);
    }
  }

  /** Count one up; a ring that has ended meanwhile stays so. */
  #add(word: number): void {
    for (let found = Atomics.load(this.#words, word); found >= 0;) {
      const before = Atomics.compareExchange(this.#words, word, found, (found + 1) % WRAP);
      if (before === found) break;
      found = before;
    }
    Atomics.notify(this.#words, word);
  }
}

/** A failure as JSON, its message cut so that it fits. */
function shortened(failure: RingFailure): Uint8Array {
  let text = new TextEncoder().encode(JSON.stringify(failure));
  for (let { message } = failure; text.byteLength > TEXT_BYTES;) {
    message = message.slice(0, message.length >> 1);
    text = new TextEncoder().encode(JSON.stringify({ ...failure, message: `${message}...` }));
  }
  return text;
}

/** What a ring's memory must hold. */
export interface RingSizes {
  readonly slots: number;
  /** A multiple of a page. */
  readonly slotBytes: number;
  /** 1 unless given. */
  readonly producers?: number;
}

/**
 * Memory for a ring, zeroed, and where its slots start; each starts at a page.
 *
 * @throws {RangeError} if the number of slots or producers is not from 1 to {@linkcode MAX_SLOTS} or {@linkcode MAX_PRODUCERS}.
 */
export function ringMemory(
  { slots, slotBytes, producers = 1 }: RingSizes,
): { memory: SharedArrayBuffer; offsets: number[] } {
  checkCount("slots", slots, MAX_SLOTS);
  checkCount("data workers", producers, MAX_PRODUCERS);
  const control = 4 * WORDS + producers * TEXT_BYTES;
  const start = Math.ceil(control / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
  const byteLength = start + slots * slotBytes;
  // Memory that may grow is mapped by the page, so it starts at one; memory of fixed size starts anywhere.
  const memory = new SharedArrayBuffer(byteLength, { maxByteLength: byteLength });
  const offsets = Array.from({ length: slots }, (_, slot) => start + slot * slotBytes);
  return { memory, offsets };
}

function checkCount(what: string, count: number, most: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw new RangeError(`Cannot use ${count} ${what}: it must be a whole number in [1, ${most}]`);
}
