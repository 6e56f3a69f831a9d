import type { DeviceBuffer } from "./device_buffer.ts";
import type { Readback } from "./device_context.ts";
import type { Driver, PinnedMemory, Stream, StreamEvent } from "./stream.ts";

/** Pinned memory that one readback after the other goes through. */
interface Block {
  readonly memory: PinnedMemory;
  readonly arrived: StreamEvent;
}

/** Smallest block: losses fit, so that blocks serve any readback of a step. */
const BLOCK_BYTES = 4096;

/** Copies to the host that are waited for when they are read. */
export class Readbacks implements Disposable {
  readonly #driver: Driver;
  readonly #stream: Stream;
  readonly #stack = new DisposableStack();
  readonly #free: Block[] = [];

  constructor(driver: Driver, stream: Stream) {
    this.#driver = driver;
    this.#stream = stream;
  }

  /** See {@linkcode DeviceContext.readback}. */
  enqueue(buffer: DeviceBuffer, byteOffset: number, byteLength: number): Readback {
    buffer.checkPart("read back", byteOffset, byteLength);
    const block = this.#take(byteLength);
    const { memory, arrived } = block;
    const part = memory.bytes.subarray(0, byteLength);
    this.#stream.copyOut(buffer.memory, byteOffset, part);
    this.#stream.record(arrived);
    let bytes: Uint8Array<ArrayBuffer> | null = null;
    return {
      read: () => {
        if (bytes === null) {
          arrived.synchronize();
          bytes = Uint8Array.from(part);
          this.#free.push(block);
        }
        return bytes;
      },
    };
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #take(byteLength: number): Block {
    const i = this.#free.findIndex(({ memory }) => memory.bytes.byteLength >= byteLength);
    if (i !== -1) return this.#free.splice(i, 1)[0]!;
    return {
      memory: this.#stack.use(this.#driver.pin(Math.max(byteLength, BLOCK_BYTES))),
      arrived: this.#stack.use(this.#driver.event()),
    };
  }
}
