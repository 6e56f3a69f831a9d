import type { Allocator } from "./buffer.ts";
import type { Device } from "./device.ts";
import { deviceAllocator } from "./device_buffer.ts";
import type { DeviceContext } from "./device_context.ts";
import type { Environment } from "./environment.ts";
import { FakeEvent, FakeStream } from "./fake_stream.ts";
import { addressOf, sharedBytes } from "./host_buffer.ts";
import type { DeviceMemory, Driver } from "./stream.ts";
import { StreamContext } from "./stream_context.ts";

/** Host memory that the host may not touch. Sessions on it run on the CPU provider. */
export const FAKE_DEVICE: Device = { kind: "fake" };

/** Which mistakes a fake device shows. */
export interface FakeDeviceOptions {
  /**
   * When the copies of batches happen. `late`: not before something waits for them, so that what reads too early or reuses the
   * source too early is found out. `early`: as soon as nothing holds them back, so that what overwrites too early is.
   */
  readonly copies?: "late" | "early";
  /** False if the host's memory cannot be pinned. */
  readonly pins?: boolean;
  /** Whether runs can be captured. */
  readonly captures?: boolean;
  /** Elements that the optimiser takes at once. */
  readonly chunk?: number;
}

/**
 * A device for tests of device code: the host cannot reach its memory, and nothing on its streams happens before something
 * waits for it.
 *
 * @example
 * ```ts
 * import { Environment, openFakeContext, showDevice } from "./mod.ts";
 *
 * using environment = Environment.open();
 * using context = openFakeContext(environment);
 * console.assert(showDevice(context.device) === "fake");
 * ```
 */
export function openFakeContext(
  environment: Environment,
  options: FakeDeviceOptions = {},
): DeviceContext {
  return new StreamContext(environment, fakeDriver(options), options);
}

/** Buffers that forbid host access, so that code which would break on a GPU fails without one. */
export const fakeDeviceAllocator: Allocator = deviceAllocator(fakeDriver(), new FakeStream(), {
  hostToDevice: 0,
  deviceToHost: 0,
});

function fakeDriver({ copies = "late", pins = true }: FakeDeviceOptions = {}): Driver {
  let streams = 0;
  return {
    device: FAKE_DEVICE,
    allocate: (byteLength): DeviceMemory & { bytes: Uint8Array<SharedArrayBuffer> } => {
      const bytes = sharedBytes(byteLength);
      bytes.fill(0xa5); // real memory is not zeroed either
      return { pointer: addressOf(bytes), byteLength, bytes, [Symbol.dispose]: () => {} };
    },
    pin: (byteLength) => ({ bytes: sharedBytes(byteLength), [Symbol.dispose]: () => {} }),
    register: () => pins ? { [Symbol.dispose]: () => {} } : null,
    stream: () => new FakeStream({ early: streams++ > 0 && copies === "early" }),
    event: () => new FakeEvent(),
    memory: () => null,
    [Symbol.dispose]: () => {},
  };
}
