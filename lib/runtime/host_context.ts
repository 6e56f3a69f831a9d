import { CPU } from "./device.ts";
import { type DeviceContext, type Mark, WRITE_BYTES } from "./device_context.ts";
import type { Environment } from "./environment.ts";
import { hostAllocator } from "./host_buffer.ts";

/** A CPU chunk: small enough that the dozen passes of an optimiser stay in the cache, large enough to fill two cores. */
export const CPU_CHUNK = 65536;

/**
 * The host as a device: everything is done when its call returns, and sessions read host memory in place.
 *
 * @example
 * ```ts
 * import { Environment, openHostContext, showDevice } from "./mod.ts";
 *
 * using environment = Environment.open();
 * using context = openHostContext(environment);
 * console.assert(showDevice(context.device) === "cpu");
 * ```
 */
export function openHostContext(environment: Environment): DeviceContext {
  return {
    environment,
    device: CPU,
    allocator: hostAllocator,
    runsAhead: false,
    captures: false,
    chunk: CPU_CHUNK,
    traffic: { hostToDevice: 0, deviceToHost: 0 }, // nothing leaves the host
    session: (model, options = {}) => environment.session(model, { ...options, device: CPU }),
    write: (buffer, byteOffset, bytes) => {
      checkWrite(bytes);
      buffer.upload(bytes, byteOffset);
    },
    readback: (buffer, byteOffset, byteLength) => {
      const bytes = new Uint8Array(byteLength);
      buffer.download(bytes, byteOffset);
      return { read: () => bytes };
    },
    openStaging: () => null,
    mark: () => new HostMark(),
    synchronize: () => {},
    memory: () => null,
    [Symbol.dispose]: () => {},
  };
}

/** @throws {RangeError} for more than {@linkcode WRITE_BYTES}. */
export function checkWrite(bytes: Uint8Array<ArrayBufferLike>): void {
  if (bytes.byteLength > WRITE_BYTES) {
    throw new RangeError(
      `Cannot write ${bytes.byteLength} bytes at once: at most ${WRITE_BYTES}; use the buffer's upload()`,
    );
  }
}

class HostMark implements Mark {
  readonly at = performance.now();

  secondsSince(earlier: Mark): number {
    return (this.at - (earlier as HostMark).at) / 1000;
  }

  [Symbol.dispose](): void {}
}
