import { CUDA_DRIVER, type CudaStatus, inspectCuda, nameProblem } from "./cuda_requirements.ts";
import { CPU, type Device, parseDevice, showDevice } from "./device.ts";
import { EnvironmentError } from "./errors.ts";
import { libraryPath } from "./library.ts";

/** What a caller may ask for: a device by name, or `auto`. */
export type DeviceRequest = "auto" | "cpu" | "cuda" | `cuda:${number}`;

/** A device, and why it was taken. */
export interface DeviceChoice {
  readonly device: Device;
  /** One line: `cpu, as there is no CUDA (NVIDIA driver: ...)`. */
  readonly reason: string;
}

/**
 * The device that `request` means: `auto` is the first GPU if nothing stands between it and a run, else the CPU.
 *
 * @param inspect what stands between this machine and a GPU; default {@linkcode inspectCuda}.
 * @throws {SyntaxError} if it is no device.
 * @throws {EnvironmentError} if it is a GPU that cannot be used; the message names the first missing piece.
 *
 * @example
 * ```ts
 * import { chooseDevice, showDevice } from "./mod.ts";
 *
 * const { device, reason } = chooseDevice("cpu");
 * console.log(showDevice(device), reason);
 * ```
 */
export function chooseDevice(
  request: DeviceRequest,
  inspect: (index: number) => CudaStatus = (index) =>
    inspectCuda({ library: libraryPath(), index }),
): DeviceChoice {
  if (request === "cpu") return { device: CPU, reason: "cpu, as asked" };
  const device = parseDevice(request === "auto" ? "cuda" : request);
  if (device.kind !== "cuda") throw new TypeError(`Cannot inspect ${showDevice(device)}`);
  const status = inspect(device.index);
  const { requirements, missing, devices } = status;
  if (missing === null) {
    const asked = request === "auto" ? "" : ", as asked";
    return { device, reason: `${showDevice(device)} (${devices[device.index]!.name})${asked}` };
  }
  if (request !== "auto") checkCuda(device, status);
  // Where there is no driver there is no GPU, and nothing to install
  const first = requirements.find(({ name, problem }) => name === CUDA_DRIVER && problem) ??
    missing;
  return { device: CPU, reason: `cpu, as there is no CUDA (${nameProblem(first)})` };
}

/** @throws {EnvironmentError} that names the first thing which a run on `device` lacks, and what helps. */
export function checkCuda(device: Device, { missing }: CudaStatus): void {
  if (missing === null) return;
  const { name, problem, remedy } = missing;
  const what = name === showDevice(device) ? problem : nameProblem(missing);
  throw new EnvironmentError(`Cannot run on ${showDevice(device)}: ${what}; ${remedy}`);
}
