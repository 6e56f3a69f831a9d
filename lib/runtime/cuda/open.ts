import { checkCuda } from "../choose_device.ts";
import { inspectCuda } from "../cuda_requirements.ts";
import type { Device } from "../device.ts";
import type { DeviceContext } from "../device_context.ts";
import type { Environment } from "../environment.ts";
import { StreamContext } from "../stream_context.ts";
import { CudaDriver } from "./driver.ts";
import { loadCuda } from "./library.ts";

/**
 * A GPU, with CUDA's library as the provider wants it.
 *
 * @throws {EnvironmentError} if the GPU cannot be used; it names the first missing piece.
 */
export function openCudaContext(
  environment: Environment,
  device: Extract<Device, { kind: "cuda" }>,
): DeviceContext {
  const { index } = device;
  checkCuda(device, inspectCuda({ library: environment.library, index })); // loads the libraries, too
  const library = loadCuda();
  const close = () => library[Symbol.dispose]();
  const driver = new CudaDriver(library.table, { index, close });
  return new StreamContext(environment, driver, { captures: true });
}
