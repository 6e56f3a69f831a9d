/**
 * What a device that runs beside the host is made of: memory, streams and events, in CUDA's sense. Whatever is put on a stream
 * happens later, in the stream's order; streams are ordered among each other by events alone.
 */
import type { Device } from "./device.ts";

/** Memory on the device. */
export interface DeviceMemory extends Disposable {
  readonly pointer: Deno.PointerObject;
  readonly byteLength: number;
}

/** Host memory that copies reach while the host goes on. */
export interface PinnedMemory extends Disposable {
  readonly bytes: Uint8Array<ArrayBufferLike>;
}

/** A point in a stream. One that was never recorded is done. */
export interface StreamEvent extends Disposable {
  /** True once all that came before it is done. Never blocks. */
  readonly done: boolean;
  /** Blocks until it is done. */
  synchronize(): void;
  /** Seconds from `earlier` to this; both must be timed. Blocks until both are done. */
  secondsSince(earlier: StreamEvent): number;
}

/** Work in order. No method but `synchronize` waits for it. */
export interface Stream extends Disposable {
  /** `cudaStream_t`; null on a device without such. */
  readonly pointer: Deno.PointerObject | null;
  /** Zeroes all of `target`. */
  clear(target: DeviceMemory): void;
  /** Copies to the device. Until it is done, `source` must stay as it is. */
  copyIn(target: DeviceMemory, byteOffset: number, source: Uint8Array<ArrayBufferLike>): void;
  /** Copies to the host. Until it is done, `target` holds nothing. */
  copyOut(source: DeviceMemory, byteOffset: number, target: Uint8Array<ArrayBufferLike>): void;
  /** Calls what puts a session's run on the stream. */
  launch(run: () => void): void;
  /** Moves the event here. */
  record(event: StreamEvent): void;
  /** What comes next starts after the event as it is recorded now. */
  wait(event: StreamEvent): void;
  /** Blocks until everything is done. */
  synchronize(): void;
}

/** A device's functions. Dispose what they made first. */
export interface Driver extends Disposable {
  readonly device: Device;
  /** Memory of undefined content, at a multiple of 256 bytes. */
  allocate(byteLength: number): DeviceMemory;
  pin(byteLength: number): PinnedMemory;
  /** Pins memory that exists, until disposed; null if it cannot be pinned. */
  register(bytes: Uint8Array<ArrayBufferLike>): Disposable | null;
  stream(): Stream;
  event(options?: { readonly timed?: boolean }): StreamEvent;
  /** Memory of the device in bytes; null if it is the host's. */
  memory(): { readonly free: number; readonly total: number } | null;
}
