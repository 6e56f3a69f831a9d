import type { Allocator } from "./buffer.ts";
import { Buffer } from "./buffer.ts";
import type { Device } from "./device.ts";
import { HostBuffer, sharedBytes } from "./host_buffer.ts";

/** The device of {@linkcode fakeDeviceAllocator}. Sessions on it run on the CPU provider. */
export const FAKE_DEVICE: Device = { kind: "fake" };

/** Host memory that behaves like device memory: only uploads, downloads and sessions reach it. */
class FakeDeviceBuffer extends Buffer {
  override readonly device = FAKE_DEVICE;
  override readonly byteLength: number;
  readonly #host: HostBuffer;

  constructor(byteLength: number) {
    const host = new HostBuffer(sharedBytes(byteLength));
    super("buffer", host.pointer, { free: () => host[Symbol.dispose]() });
    this.#host = host;
    this.byteLength = byteLength;
  }

  override get bytes(): never {
    throw new TypeError(
      "Cannot access device memory from the host: copy it with upload() and download()",
    );
  }

  override upload(source: Uint8Array<ArrayBufferLike>, byteOffset = 0): void {
    this.check();
    this.#host.upload(source, byteOffset);
  }

  override download(target: Uint8Array<ArrayBufferLike>, byteOffset = 0): void {
    this.check();
    this.#host.download(target, byteOffset);
  }
}

/** Buffers that forbid host access, so that code which would break on a GPU fails without one. */
export const fakeDeviceAllocator: Allocator = {
  device: FAKE_DEVICE,
  allocate: (byteLength) => new FakeDeviceBuffer(byteLength),
};
