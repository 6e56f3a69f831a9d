/** Names of devices, as options and configurations hold them. */
import { ConfigError, type DeviceName, type DeviceOption } from "./config.ts";

/**
 * True for `cpu` and `cuda:<index>`.
 *
 * @example
 * ```ts
 * import { isDeviceName } from "./mod.ts";
 *
 * console.assert(isDeviceName("cuda:0") && !isDeviceName("cuda"));
 * ```
 */
export function isDeviceName(value: unknown): value is DeviceName {
  return typeof value === "string" && /^(cpu|cuda:\d{1,4})$/.test(value);
}

/**
 * Reads `auto`, `cpu`, `cuda` or `cuda:<index>`.
 *
 * @throws {ConfigError} for anything else.
 *
 * @example
 * ```ts
 * import { parseDeviceOption } from "./mod.ts";
 *
 * console.assert(parseDeviceOption("auto") === "auto");
 * ```
 */
export function parseDeviceOption(text: string): DeviceOption {
  if (text === "auto" || text === "cuda" || isDeviceName(text)) return text;
  throw new ConfigError(
    `Cannot use "${text}" as a device: give auto, cpu, cuda or cuda:<index>`,
  );
}

/**
 * The device that an option names; the CPU if it names none.
 *
 * @throws {ConfigError} if it is `auto`: what that is, only the machine can say.
 *
 * @example
 * ```ts
 * import { resolveDevice } from "./mod.ts";
 *
 * console.assert(resolveDevice(undefined) === "cpu");
 * ```
 */
export function resolveDevice(option: DeviceOption | undefined): DeviceName {
  switch (option) {
    case undefined:
      return "cpu";
    case "cuda":
      return "cuda:0";
    case "auto":
      throw new ConfigError("Cannot resolve the device auto: ask the machine for one first");
    default:
      return option;
  }
}
