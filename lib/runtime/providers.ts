import { created, cString } from "./api.ts";
import { checkCuda } from "./choose_device.ts";
import { inspectCuda } from "./cuda_requirements.ts";
import { type Device, showDevice } from "./device.ts";
import type { Environment } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";

/** What ONNX Runtime needs to know of a kind of device. */
interface Provider<D extends Device> {
  /** Name in `OrtMemoryInfo`. */
  readonly memory: string;
  /** Adds the execution provider to the session options. The CPU provider is always there. */
  append(environment: Environment, sessionOptions: Deno.PointerObject, device: D): void;
}

/** One row for each kind of device. */
export const PROVIDERS: {
  readonly [K in Device["kind"]]: Provider<Extract<Device, { kind: K }>>;
} = {
  cpu: { memory: "Cpu", append: () => {} },
  cuda: { memory: "Cuda", append: appendCuda },
  fake: { memory: "Cpu", append: () => {} },
};

/** Adds the provider of `device`. @throws {EnvironmentError} if it is not available. */
export function appendProvider<D extends Device>(
  environment: Environment,
  sessionOptions: Deno.PointerObject,
  device: D,
): void {
  const provider = PROVIDERS[device.kind] as Provider<Device>;
  provider.append(environment, sessionOptions, device);
}

function appendCuda(
  environment: Environment,
  sessionOptions: Deno.PointerObject,
  device: Extract<Device, { kind: "cuda" }>,
): void {
  const { api, library } = environment;
  checkCuda(device, inspectCuda({ library, index: device.index }));
  let options: Deno.PointerObject | null = null;
  try {
    options = created((out) => api.CreateCUDAProviderOptions(out));
    const entries = {
      device_id: `${device.index}`,
      use_tf32: "0", // float32 means float32: it is on by default
    };
    const keys = Object.keys(entries).map(cString);
    const values = Object.values(entries).map(cString);
    const addresses = (texts: Uint8Array<ArrayBuffer>[]) =>
      BigUint64Array.from(texts, (text) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(text)));
    const count = BigInt(keys.length);
    api.UpdateCUDAProviderOptions(options, addresses(keys), addresses(values), count);
    keys.length = values.length = 0; // used up to here, so that no text was collected before the call
    api.SessionOptionsAppendExecutionProvider_CUDA_V2(sessionOptions, options);
  } catch (error) {
    throw new EnvironmentError(
      `Cannot run on ${showDevice(device)}: ONNX Runtime's CUDA provider did not load, and says: ` +
        (error instanceof Error ? error.message : error),
      { cause: error },
    );
  } finally {
    if (options !== null) api.ReleaseCUDAProviderOptions(options);
  }
}
