import { type Allocator, Buffer, checkByteLength } from "./buffer.ts";
import type { Device } from "./device.ts";
import type { Traffic } from "./device_context.ts";
import type { DeviceMemory, Driver, Stream } from "./stream.ts";

/** A buffer on a device. Its own copies take their turn on a stream and wait for it. */
export class DeviceBuffer extends Buffer {
  override readonly device: Device;
  override readonly byteLength: number;
  /** What copies on streams take. For this folder's own use. */
  readonly memory: DeviceMemory;
  readonly #stream: Stream;
  readonly #traffic: Traffic;

  /** See {@linkcode deviceAllocator}. */
  constructor(
    memory: DeviceMemory,
    options: { byteLength: number; device: Device; stream: Stream; traffic: Traffic },
  ) {
    super("buffer", memory.pointer, { free: () => memory[Symbol.dispose]() });
    this.memory = memory;
    this.byteLength = options.byteLength;
    this.device = options.device;
    this.#stream = options.stream;
    this.#traffic = options.traffic;
  }

  override get bytes(): never {
    throw new TypeError(
      "Cannot access device memory from the host: copy it with upload() and download()",
    );
  }

  override upload(source: Uint8Array<ArrayBufferLike>, byteOffset = 0): void {
    this.checkPart("upload", byteOffset, source.byteLength);
    if (source.byteLength === 0) return;
    this.#stream.copyIn(this.memory, byteOffset, source);
    this.#stream.synchronize();
    this.#traffic.hostToDevice += source.byteLength;
  }

  override download(target: Uint8Array<ArrayBufferLike>, byteOffset = 0): void {
    this.checkPart("download", byteOffset, target.byteLength);
    if (target.byteLength === 0) return;
    this.#stream.copyOut(this.memory, byteOffset, target);
    this.#stream.synchronize();
    this.#traffic.deviceToHost += target.byteLength;
  }

  /** @throws {TypeError} after disposal. @throws {RangeError} unless the range lies in the buffer. */
  checkPart(what: string, byteOffset: number, byteLength: number): void {
    this.check();
    this.checkRange(what, byteOffset, byteLength);
  }
}

/** Buffers on a device whose copies go over `stream`. */
export function deviceAllocator(driver: Driver, stream: Stream, traffic: Traffic): Allocator {
  const { device } = driver;
  return {
    device,
    allocate: (byteLength) => {
      checkByteLength(byteLength);
      const memory = driver.allocate(Math.max(byteLength, 1));
      stream.clear(memory);
      stream.synchronize(); // other streams may come next
      return new DeviceBuffer(memory, { byteLength, device, stream, traffic });
    },
  };
}
