import { created, cString } from "./api.ts";
import { checkCuda } from "./choose_device.ts";
import { inspectCuda } from "./cuda_requirements.ts";
import { type Device, showDevice } from "./device.ts";
import type { Environment } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import type { SessionOptions } from "./session_options.ts";

type CudaDevice = Extract<Device, { kind: "cuda" }>;

/** What ONNX Runtime needs to know of a kind of device. */
interface Provider<D extends Device> {
  /** Name in `OrtMemoryInfo`. */
  readonly memory: string;
  /** Adds the execution provider to the session options. The CPU provider is always there. */
  append(
    environment: Environment,
    sessionOptions: Deno.PointerObject,
    options: ProviderOptions<D>,
  ): void;
}

/** What of a session's options a provider takes. */
type ProviderOptions<D extends Device> =
  & Pick<SessionOptions, "tf32" | "capture" | "stream">
  & { readonly device: D };

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
  options: ProviderOptions<D>,
): void {
  const provider = PROVIDERS[options.device.kind] as Provider<Device>;
  provider.append(environment, sessionOptions, options);
}

function appendCuda(
  environment: Environment,
  sessionOptions: Deno.PointerObject,
  { device, tf32 = false, capture = false, stream }: ProviderOptions<CudaDevice>,
): void {
  const { api, library } = environment;
  checkCuda(device, inspectCuda({ library, index: device.index }));
  let options: Deno.PointerObject | null = null;
  try {
    options = created((out) => api.CreateCUDAProviderOptions(out));
    const entries = {
      device_id: `${device.index}`,
      use_tf32: tf32 ? "1" : "0", // float32 means float32: it is on by default
      enable_cuda_graph: capture ? "1" : "0",
      // Steps are all alike: doubling what is held gains nothing and may take what the state needs
      arena_extend_strategy: "kSameAsRequested",
    };
    const keys = Object.keys(entries).map(cString);
    const values = Object.values(entries).map(cString);
    const addresses = (texts: Uint8Array<ArrayBuffer>[]) =>
      BigUint64Array.from(texts, (text) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(text)));
    const count = BigInt(keys.length);
    api.UpdateCUDAProviderOptions(options, addresses(keys), addresses(values), count);
    keys.length = values.length = 0; // used up to here, so that no text was collected before the call
    // Last, as the call above sets what it is not given; sets has_user_compute_stream, too
    const compute = stream?.pointer ?? null;
    if (compute !== null) {
      api.UpdateCUDAProviderOptionsWithValue(options, cString("user_compute_stream"), compute);
    }
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
