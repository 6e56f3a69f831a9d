import type { DeviceBuffer } from "./device_buffer.ts";
import { WRITE_BYTES } from "./device_context.ts";
import type { Driver, PinnedMemory, Stream, StreamEvent } from "./stream.ts";

/** Writes under way at once; far more than a step has, so that none is waited for. */
const ENTRIES = 16;

/** Small writes that the host does not wait for, through a ring of pinned memory. */
export class Writes implements Disposable {
  readonly #stream: Stream;
  readonly #stack = new DisposableStack();
  readonly #memory: PinnedMemory;
  readonly #done: readonly StreamEvent[];
  #next = 0;

  constructor(driver: Driver, stream: Stream) {
    this.#stream = stream;
    this.#memory = this.#stack.use(driver.pin(ENTRIES * WRITE_BYTES));
    this.#done = Array.from({ length: ENTRIES }, () => this.#stack.use(driver.event()));
  }

  /** See {@linkcode DeviceContext.write}. */
  enqueue(buffer: DeviceBuffer, byteOffset: number, bytes: Uint8Array<ArrayBufferLike>): void {
    buffer.checkPart("write", byteOffset, bytes.byteLength);
    const entry = this.#next++ % ENTRIES;
    const done = this.#done[entry]!;
    done.synchronize(); // the write that used this entry before
    const start = entry * WRITE_BYTES;
    const part = this.#memory.bytes.subarray(start, start + bytes.byteLength);
    part.set(bytes);
    this.#stream.copyIn(buffer.memory, byteOffset, part);
    this.#stream.record(done);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
