import { openCudaContext } from "./cuda/open.ts";
import type { Device } from "./device.ts";
import type { DeviceContext } from "./device_context.ts";
import type { Environment } from "./environment.ts";
import { openFakeContext } from "./fake_device.ts";
import { openHostContext } from "./host_context.ts";

/**
 * What the calling thread needs of `device` to train on it. Each thread opens its own.
 *
 * @throws {EnvironmentError} if the device cannot be used.
 *
 * @example
 * ```ts
 * import { Environment, openDeviceContext, parseDevice, sameDevice } from "./mod.ts";
 *
 * using environment = Environment.open();
 * using context = openDeviceContext(parseDevice("cpu"), environment);
 * console.assert(sameDevice(context.device, parseDevice("cpu")));
 * ```
 */
export function openDeviceContext(device: Device, environment: Environment): DeviceContext {
  switch (device.kind) {
    case "cpu":
      return openHostContext(environment);
    case "fake":
      return openFakeContext(environment);
    case "cuda":
      return openCudaContext(environment, device);
  }
}
