import { ALIGNMENT, type Allocator, Buffer, checkByteLength } from "./buffer.ts";
import { CPU } from "./device.ts";

/** Host memory that other workers can share. */
export class HostBuffer extends Buffer {
  override readonly device = CPU;
  override readonly byteLength: number;
  #bytes: Uint8Array<SharedArrayBuffer> | null;

  constructor(bytes: Uint8Array<SharedArrayBuffer>) {
    super("buffer", addressOf(bytes), { free: () => this.#bytes = null });
    this.#bytes = bytes;
    this.byteLength = bytes.byteLength;
  }

  override get bytes(): Uint8Array<SharedArrayBuffer> {
    this.check();
    return this.#bytes!;
  }

  override upload(source: Uint8Array<ArrayBufferLike>, byteOffset = 0): void {
    this.checkRange("upload", byteOffset, source.byteLength);
    this.bytes.set(source, byteOffset);
  }

  override download(target: Uint8Array<ArrayBufferLike>, byteOffset = 0): void {
    this.checkRange("download", byteOffset, target.byteLength);
    target.set(this.bytes.subarray(byteOffset, byteOffset + target.byteLength));
  }
}

/** Buffers in host memory. */
export const hostAllocator: Allocator = {
  device: CPU,
  allocate: (byteLength) => new HostBuffer(sharedBytes(byteLength)),
};

/**
 * A host buffer over memory that already exists, such as a batch slot that a data worker fills.
 *
 * @throws {RangeError} if the range does not lie in `memory`.
 *
 * @example
 * ```ts
 * import { hostBufferOver } from "./mod.ts";
 *
 * using buffer = hostBufferOver(new SharedArrayBuffer(4096));
 * console.assert(buffer.byteLength === 4096);
 * ```
 */
export function hostBufferOver(
  memory: SharedArrayBuffer,
  byteOffset = 0,
  byteLength: number = memory.byteLength - byteOffset,
): Buffer {
  return new HostBuffer(new Uint8Array(memory, byteOffset, byteLength));
}

/** Zeroed shared memory whose address is a multiple of {@linkcode ALIGNMENT}. */
export function sharedBytes(byteLength: number): Uint8Array<SharedArrayBuffer> {
  checkByteLength(byteLength);
  const memory = new SharedArrayBuffer(byteLength + ALIGNMENT);
  const address = Deno.UnsafePointer.value(addressOf(new Uint8Array(memory)));
  const padding = Number(-address & BigInt(ALIGNMENT - 1));
  return new Uint8Array(memory, padding, byteLength);
}

/** Address of the first byte. */
export function addressOf(bytes: Uint8Array<ArrayBufferLike>): Deno.PointerObject {
  // The pointer of an empty view is null, so it is taken over the whole memory.
  const whole = new Uint8Array(bytes.buffer);
  const address = Deno.UnsafePointer.of(whole as Uint8Array<ArrayBuffer>);
  if (address === null) throw new RangeError("Cannot take the address of memory of 0 bytes");
  return Deno.UnsafePointer.offset(address, bytes.byteOffset)!;
}
