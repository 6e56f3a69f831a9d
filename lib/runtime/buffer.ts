import type { Device } from "./device.ts";
import { Handle } from "./handle.ts";

/** Slices of a buffer start at multiples of this many bytes, for vector loads on every device. */
export const ALIGNMENT = 256;

/**
 * The first multiple of `alignment` that is not below `offset`.
 *
 * @example
 * ```ts
 * import { alignTo } from "./mod.ts";
 *
 * console.assert(alignTo(100, 64) === 128);
 * ```
 */
export function alignTo(offset: number, alignment: number = ALIGNMENT): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** A piece of memory on one device. Host and device memory go through this one interface. */
export abstract class Buffer extends Handle {
  abstract readonly device: Device;
  abstract readonly byteLength: number;

  /** The memory itself, shared with native code. @throws {TypeError} if it is not on the host. */
  abstract get bytes(): Uint8Array<ArrayBufferLike>;

  /** Copies `source` into the buffer. @throws {RangeError} if it does not fit. */
  abstract upload(source: Uint8Array<ArrayBufferLike>, byteOffset?: number): void;

  /** Copies the buffer into `target`, as much as fits it. @throws {RangeError} if there is less. */
  abstract download(target: Uint8Array<ArrayBufferLike>, byteOffset?: number): void;

  /** @throws {RangeError} unless the range lies in the buffer. */
  protected checkRange(what: string, byteOffset: number, byteLength: number): void {
    if (
      !Number.isSafeInteger(byteOffset) || byteOffset < 0 ||
      byteOffset + byteLength > this.byteLength
    ) {
      throw new RangeError(
        `Cannot ${what} ${byteLength} bytes at offset ${byteOffset}: the buffer has ${this.byteLength} bytes`,
      );
    }
  }
}

/** Where buffers of one device come from. */
export interface Allocator {
  readonly device: Device;
  /** New memory, zeroed, at a multiple of {@linkcode ALIGNMENT}. */
  allocate(byteLength: number): Buffer;
}

/** @throws {RangeError} unless it is a whole number >= 0. */
export function checkByteLength(byteLength: number): void {
  if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
    throw new RangeError(`Cannot allocate ${byteLength} bytes: give a whole number >= 0`);
  }
}
