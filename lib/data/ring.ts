/**
 * A ring of slots in shared memory, between one producer and one consumer in two workers. Everything after the start
 * goes through it by `Atomics`, errors too, because the consumer's event loop does not turn while it trains.
 *
 * Memory: a page with one 32-bit state a slot and the text of an error, then the slots. Item k lies in slot
 * k mod slots, so what the ring yields depends neither on the number of slots nor on timing.
 */
import { SLOT_ALIGNMENT } from "./batch.ts";

/** A slot's state: the producer turns free into ready or failed, the consumer ready into free, `close` all into closed. */
const FREE = 0, READY = 1, FAILED = 2, CLOSED = 3;

const ERROR_LENGTH_WORD = 63;
const ERROR_AT = 256;

/** Most slots that a ring has. */
export const MAX_SLOTS = ERROR_LENGTH_WORD;

/** How the producer failed. */
export interface RingFailure {
  readonly message: string;
  /** True if the input is at fault, false if the program is. */
  readonly data: boolean;
}

/** A handle of the ring; the workers open one each, over the same memory. */
export class Ring {
  readonly memory: SharedArrayBuffer;
  readonly slots: number;
  readonly #states: Int32Array;

  /** Over memory from {@linkcode ringMemory}. */
  constructor(memory: SharedArrayBuffer, slots: number) {
    this.memory = memory;
    this.slots = slots;
    this.#states = new Int32Array(memory, 0, ERROR_LENGTH_WORD + 1);
  }

  /** Producer: wait until the slot may be filled; false once the ring is closed. */
  waitFree(slot: number): boolean {
    return this.#waitWhile(slot, READY) === FREE;
  }

  /** Producer: hand a filled slot over. */
  publish(slot: number): void {
    this.#change(slot, FREE, READY);
  }

  /** Producer: end with an error, which the consumer meets when it comes to this slot. */
  fail(slot: number, failure: RingFailure): void {
    const room = SLOT_ALIGNMENT - ERROR_AT;
    let text = new TextEncoder().encode(JSON.stringify(failure));
    for (let { message } = failure; text.byteLength > room;) {
      message = message.slice(0, message.length >> 1);
      text = new TextEncoder().encode(JSON.stringify({ ...failure, message: `${message}...` }));
    }
    new Uint8Array(this.memory, ERROR_AT).set(text);
    this.#states[ERROR_LENGTH_WORD] = text.byteLength;
    this.#change(slot, FREE, FAILED);
  }

  /** Consumer: wait until the slot is filled; the failure if it never will be. @throws {TypeError} once closed. */
  waitReady(slot: number): RingFailure | null {
    const state = this.#waitWhile(slot, FREE);
    if (state === READY) return null;
    if (state === CLOSED) throw new TypeError("Cannot take a slot: the ring is closed");
    const text = new Uint8Array(this.memory, ERROR_AT).slice(0, this.#states[ERROR_LENGTH_WORD]);
    return JSON.parse(new TextDecoder().decode(text)) as RingFailure;
  }

  /** Consumer: let the slot be filled again. */
  release(slot: number): void {
    this.#change(slot, READY, FREE);
  }

  /** Either side: wake both; the producer ends, the consumer takes no more. */
  close(): void {
    for (let slot = 0; slot < this.slots; slot++) {
      Atomics.store(this.#states, slot, CLOSED);
      Atomics.notify(this.#states, slot);
    }
  }

  /** Block while the slot is in `state`; the state it is in then. */
  #waitWhile(slot: number, state: number): number {
    for (;;) {
      const found = Atomics.load(this.#states, slot);
      if (found !== state) return found;
      Atomics.wait(this.#states, slot, state);
    }
  }

  /** A slot that was closed meanwhile stays closed. */
  #change(slot: number, from: number, to: number): void {
    Atomics.compareExchange(this.#states, slot, from, to);
    Atomics.notify(this.#states, slot);
  }
}

/**
 * Memory for a ring, zeroed, and where its slots start; each starts at a page.
 *
 * @throws {RangeError} if the number of slots is not in 1 .. {@linkcode MAX_SLOTS}.
 */
export function ringMemory(
  slots: number,
  slotBytes: number,
): { memory: SharedArrayBuffer; offsets: number[] } {
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS) {
    throw new RangeError(
      `Cannot use ${slots} slots: it must be a whole number in [1, ${MAX_SLOTS}]`,
    );
  }
  const byteLength = SLOT_ALIGNMENT + slots * slotBytes;
  // Memory that may grow is mapped by the page, so it starts at one; memory of fixed size starts anywhere.
  const memory = new SharedArrayBuffer(byteLength, { maxByteLength: byteLength });
  const offsets = Array.from({ length: slots }, (_, slot) => SLOT_ALIGNMENT + slot * slotBytes);
  return { memory, offsets };
}
