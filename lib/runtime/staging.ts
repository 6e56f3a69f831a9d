import type { Buffer } from "./buffer.ts";
import type { Allocator } from "./buffer.ts";
import type { DeviceBuffer } from "./device_buffer.ts";
import type { Staging, Traffic, Transfer } from "./device_context.ts";
import type { Driver, PinnedMemory, Stream, StreamEvent } from "./stream.ts";

/** While one place is read, the other is filled. */
const PLACES = 2;

/** What a staging is made from. */
export interface StagingOptions {
  readonly driver: Driver;
  readonly allocator: Allocator;
  /** Where sessions run, and where batches are copied. */
  readonly compute: Stream;
  readonly copies: Stream;
  readonly traffic: Traffic;
  readonly source: Uint8Array<ArrayBufferLike>;
  readonly byteLength: number;
}

interface Place {
  readonly buffer: DeviceBuffer;
  readonly arrived: StreamEvent;
  readonly consumed: StreamEvent;
  /** Only where the source could not be pinned: what is copied goes through here. */
  readonly bounce: PinnedMemory | null;
}

/** Places that a stream of its own fills while the other one computes. See {@linkcode Staging}. */
export class StreamStaging implements Staging {
  readonly buffers: readonly Buffer[];
  readonly #options: StagingOptions;
  readonly #places: readonly Place[];
  readonly #stack: DisposableStack;

  constructor(options: StagingOptions) {
    const { driver, allocator, source, byteLength } = options;
    using stack = new DisposableStack();
    const registration = driver.register(source);
    if (registration !== null) stack.use(registration);
    this.#places = Array.from({ length: PLACES }, () => ({
      buffer: stack.use(allocator.allocate(byteLength)) as DeviceBuffer,
      arrived: stack.use(driver.event()),
      consumed: stack.use(driver.event()),
      bounce: registration === null ? stack.use(driver.pin(byteLength)) : null,
    }));
    this.buffers = this.#places.map(({ buffer }) => buffer);
    this.#options = options;
    this.#stack = stack.move();
  }

  copy(index: number, byteOffset: number): Transfer {
    const { copies, source, byteLength, traffic } = this.#options;
    const { buffer, arrived, consumed, bounce } = this.#place(index);
    let bytes = source.subarray(byteOffset, byteOffset + byteLength);
    if (bytes.byteLength !== byteLength) {
      throw new RangeError(
        `Cannot stage ${byteLength} bytes at offset ${byteOffset}: the source has ${source.byteLength} bytes`,
      );
    }
    if (bounce !== null) {
      arrived.synchronize(); // the copy before may still read it
      bounce.bytes.set(bytes);
      bytes = bounce.bytes.subarray(0, byteLength);
    }
    copies.wait(consumed);
    copies.copyIn(buffer.memory, 0, bytes);
    copies.record(arrived);
    traffic.hostToDevice += byteLength;
    if (bounce !== null) return { done: true, wait: () => {} };
    return {
      get done() {
        return arrived.done;
      },
      wait: () => arrived.synchronize(),
    };
  }

  arrive(index: number): void {
    this.#options.compute.wait(this.#place(index).arrived);
  }

  consumed(index: number): void {
    this.#options.compute.record(this.#place(index).consumed);
  }

  [Symbol.dispose](): void {
    if (this.#stack.disposed) return;
    try {
      this.#options.copies.synchronize();
      this.#options.compute.synchronize();
    } finally {
      this.#stack.dispose();
    }
  }

  #place(index: number): Place {
    const place = this.#places[index];
    if (place === undefined) {
      throw new RangeError(`Cannot stage at place ${index}: there are ${PLACES}`);
    }
    return place;
  }
}
