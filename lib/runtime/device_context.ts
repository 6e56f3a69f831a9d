import type { Allocator, Buffer } from "./buffer.ts";
import type { Device } from "./device.ts";
import type { Environment } from "./environment.ts";
import type { Session } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/**
 * What a thread that trains needs of a device. Runs, writes and readbacks happen in the order in which they were asked for; on
 * a device that runs ahead they happen after the call has returned.
 *
 * Dispose what was made from it first.
 */
export interface DeviceContext extends Disposable {
  /** The ONNX Runtime that the sessions are of. */
  readonly environment: Environment;
  /** The device that the context is on. */
  readonly device: Device;
  /** Memory on the device. Its buffers' `upload` and `download` wait for the device. */
  readonly allocator: Allocator;
  /** True if calls return before the device has done what they ask for; results should then be read a step late. */
  readonly runsAhead: boolean;
  /** True if a graph over fixed addresses can be captured and replayed: see {@linkcode SessionOptions.capture}. */
  readonly captures: boolean;
  /** Most elements that one elementwise pass should cover; `Infinity` where one pass over everything is best. */
  readonly chunk: number;
  /** Bytes copied so far. */
  readonly traffic: Readonly<Traffic>;

  /** A session on the device, in the order of everything else here. See {@linkcode Environment.session}. */
  session(model: Uint8Array<ArrayBufferLike>, options?: Omit<SessionOptions, "device">): Session;

  /**
   * Writes a few bytes to a buffer of the device, without waiting. `bytes` may be reused at once.
   *
   * @throws {RangeError} if there are more than {@linkcode WRITE_BYTES}, or they do not fit.
   */
  write(buffer: Buffer, byteOffset: number, bytes: Uint8Array<ArrayBufferLike>): void;

  /**
   * Copies a part of a buffer of the device to the host, without waiting: what it holds once all that was asked for before is
   * done. Meant for losses and the like: until it is read, it keeps memory that copies can reach.
   */
  readback(buffer: Buffer, byteOffset: number, byteLength: number): Readback;

  /**
   * Memory on the device that parts of `source` are copied to while runs go on; null where sessions read host memory in place.
   *
   * @param byteLength bytes of a part, the same for all.
   */
  openStaging(source: Uint8Array<ArrayBufferLike>, byteLength: number): Staging | null;

  /** A point in time between what was asked for before and what is asked for after. */
  mark(): Mark;

  /** Blocks until everything is done. */
  synchronize(): void;

  /** Memory of the device in bytes; null if it is the host's. */
  memory(): { readonly free: number; readonly total: number } | null;
}

/** Most bytes of one {@linkcode DeviceContext.write}. */
export const WRITE_BYTES = 256;

/** Bytes copied between host and device. */
export interface Traffic {
  /** Bytes copied to the device. */
  hostToDevice: number;
  /** Bytes copied from the device. */
  deviceToHost: number;
}

/** Bytes on their way to the host. */
export interface Readback {
  /** The bytes, the same at every call. Blocks until they are there. */
  read(): Uint8Array<ArrayBuffer>;
}

/** Two or more places on the device that are filled by turns. */
export interface Staging extends Disposable {
  /** One for each place. */
  readonly buffers: readonly Buffer[];
  /** Starts a copy to a place from `byteOffset` of the source. It begins when the runs before {@linkcode consumed} are done. */
  copy(place: number, byteOffset: number): Transfer;
  /** Runs from here on start after the place's copy has arrived. */
  arrive(place: number): void;
  /** Runs up to here read the place; its next copy starts after them. */
  consumed(place: number): void;
}

/** A copy under way. */
export interface Transfer {
  /** True once the source may be written again. Never blocks. */
  readonly done: boolean;
  /** Blocks until the source may be written again. */
  wait(): void;
}

/** A point in time on the device. */
export interface Mark extends Disposable {
  /** Blocks until the device has come to both. */
  secondsSince(earlier: Mark): number;
}
