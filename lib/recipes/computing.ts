/** Where a run computes, in which types and with how many threads. */
import type { PretrainOptions, RunConfig } from "./config.ts";
import { resolveDevice } from "./device.ts";
import { resolvePrecision } from "./precision.ts";

/** What {@linkcode resolveComputing} decides. */
export type Computing = Pick<RunConfig, "threads" | "device" | "precision">;

/**
 * All cores of the CPU in float32, unless options say otherwise.
 *
 * @throws {ConfigError} if the device is still `auto`, or has not the precision.
 *
 * @internal
 */
export function resolveComputing(
  options: Pick<PretrainOptions, "threads" | "device" | "precision">,
): Computing {
  const device = resolveDevice(options.device);
  return {
    threads: options.threads ?? navigator.hardwareConcurrency,
    device,
    precision: resolvePrecision(options.precision, device),
  };
}
