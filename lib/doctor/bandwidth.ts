import { type DeviceContext, hostAllocator } from "../runtime/mod.ts";

/** Bytes of one measured copy: more than caches hold. */
const BYTES = 64 * 2 ** 20;

/** What to measure. */
export interface BandwidthOptions {
  /** At least so long is measured, in each direction; default 0.2 s. */
  readonly seconds?: number;
  /** Bytes of one copy; default 64 MiB. */
  readonly byteLength?: number;
}

/** Measured copies, in 10^9 bytes a second. */
export interface Bandwidth {
  /** Within the host's memory. */
  readonly host: number;
  /** From the host to the device as batches go, through pinned memory; null where the device is the host. */
  readonly hostToDevice: number | null;
  /** From the device to the host; null where the device is the host. */
  readonly deviceToHost: number | null;
}

/**
 * Measures copies on the host and between it and the device.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { measureBandwidth } from "./mod.ts";
 *
 * using environment = runtime.Environment.open();
 * using context = runtime.openHostContext(environment);
 * const { host } = measureBandwidth(context, { seconds: 0.01, byteLength: 1 << 16 });
 * console.assert(host > 0); // bytes a second
 * ```
 */
export function measureBandwidth(
  context: DeviceContext,
  options: BandwidthOptions = {},
): Bandwidth {
  const { seconds = 0.2, byteLength = BYTES } = options;
  const rate = (copy: () => void) => byteLength / 1e9 / secondsOf(copy, seconds);
  using from = hostAllocator.allocate(byteLength);
  using to = hostAllocator.allocate(byteLength);
  from.bytes.fill(1);
  const host = rate(() => to.upload(from.bytes));
  using staging = context.openStaging(from.bytes, byteLength);
  if (staging === null) return { host, hostToDevice: null, deviceToHost: null };
  const hostToDevice = rate(() => staging.copy(0, 0).wait());
  const deviceToHost = rate(() => staging.buffers[0]!.download(to.bytes));
  return { host, hostToDevice, deviceToHost };
}

/** Seconds of one call, the mean over as many as fit, the first left out. */
function secondsOf(call: () => void, least: number): number {
  call();
  const began = performance.now();
  let calls = 0, seconds = 0;
  do {
    call();
    calls++;
    seconds = (performance.now() - began) / 1000;
  } while (seconds < least);
  return seconds / calls;
}
