import {
  chooseDevice,
  type CudaRequirement,
  type CudaStatus,
  type DeviceRequest,
  Environment,
  inspectCuda,
  libraryPath,
  openDeviceContext,
  PACKAGE_VERSION,
  showDevice,
  versionWarning,
} from "../runtime/mod.ts";
import { type Bandwidth, measureBandwidth } from "./bandwidth.ts";
import { type DecoderFacts, inspectDecoders } from "./decoders.ts";
import { adviseOn } from "./advice.ts";
import { inspectPlatforms, type PlatformFacts } from "./platforms.ts";
import { inspectProviders, type ProviderFacts, tryDevice } from "./provider.ts";
import { type MatrixRate, measureMatrixRate, type RateType } from "./rate.ts";
import { inspectSpace, type SpaceFacts } from "./space.ts";
import { inspectSystem, type SystemFacts } from "./system.ts";

/** What to examine. */
export interface DoctorOptions {
  /** Default `auto`. */
  readonly device?: DeviceRequest;
  /** Folder whose disk is asked for room; default the current one. */
  readonly folder?: string;
  /** Seconds of each measurement; default 0.5. */
  readonly seconds?: number;
}

/** ONNX Runtime as it was found. */
export interface RuntimeFacts {
  /** Null if it does not load. */
  readonly version: string | null;
  /** Path of the library; null if there is none. */
  readonly path: string | null;
  /** Version of the package, with which ccmim is tested. */
  readonly expected: string;
  /** That the versions differ, or why it does not load. */
  readonly problem: string | null;
}

/** The device that was asked for. */
export interface DeviceFacts {
  /** As asked: `auto`, `cpu`, `cuda:1`. */
  readonly asked: DeviceRequest;
  /** What that means here, such as `cpu`; null if it cannot be used. */
  readonly device: string | null;
  /** Why this one, or why none. */
  readonly reason: string;
  /** Memory of the device in bytes, now; null if it is the host's. */
  readonly memory: { readonly free: number; readonly total: number } | null;
  /** Measured products; one for each element type that matters there. */
  readonly rates: readonly MatrixRate[];
  /** Measured copies; null if nothing could be measured. */
  readonly bandwidth: Bandwidth | null;
}

/** Everything that was found. Plain JSON. */
export interface DoctorReport {
  /** Whether the device that was asked for works. */
  readonly ok: boolean;
  readonly system: SystemFacts;
  readonly space: SpaceFacts;
  readonly runtime: RuntimeFacts;
  readonly providers: readonly ProviderFacts[];
  /** What a run on a GPU needs, and the GPUs there are. */
  readonly cuda: Pick<CudaStatus, "devices"> & {
    readonly requirements: readonly CudaRequirement[];
  };
  readonly device: DeviceFacts;
  readonly decoders: readonly DecoderFacts[];
  readonly platforms: readonly PlatformFacts[];
  /** What to do, in one sentence. */
  readonly advice: string;
}

/**
 * Examines this machine: what is there, what loads, how fast the device is. It throws nothing that it could report.
 *
 * @example
 * ```ts
 * import { examine } from "./mod.ts";
 *
 * const { ok, advice } = await examine({ device: "cpu", seconds: 0.01 });
 * console.assert(ok, advice);
 * ```
 */
export async function examine(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { device: asked = "auto", folder = Deno.cwd(), seconds = 0.5 } = options;
  const system = inspectSystem();
  const found = {
    system,
    space: inspectSpace(folder),
    ...examineRuntime(asked, seconds),
    decoders: await inspectDecoders(),
    platforms: inspectPlatforms(),
  };
  return { ok: found.device.device !== null, ...found, advice: adviseOn(found) };
}

type Examined = Pick<DoctorReport, "runtime" | "providers" | "cuda" | "device">;

function examineRuntime(asked: DeviceRequest, seconds: number): Examined {
  const expected = PACKAGE_VERSION;
  let path: string | null = null;
  let environment: Environment;
  try {
    path = libraryPath();
    environment = Environment.open({ logLevel: "fatal" }); // what fails is reported below
  } catch (error) {
    const problem = wordsOf(error);
    return {
      runtime: { version: null, path, expected, problem },
      providers: [],
      cuda: { requirements: [], devices: [] },
      device: unusable(asked, problem),
    };
  }
  using opened = environment;
  const { version, library } = opened;
  const cuda = inspectCuda({ library, index: indexOf(asked) });
  return {
    runtime: { version, path: library, expected, problem: versionWarning(opened) },
    providers: inspectProviders(opened),
    cuda: { requirements: cuda.requirements, devices: cuda.devices },
    device: examineDevice(opened, { asked, cuda, seconds }),
  };
}

function examineDevice(
  environment: Environment,
  { asked, cuda, seconds }: { asked: DeviceRequest; cuda: CudaStatus; seconds: number },
): DeviceFacts {
  try {
    const { device, reason } = chooseDevice(asked, () => cuda);
    const problem = tryDevice(environment, device);
    if (problem !== null) return unusable(asked, problem);
    using context = openDeviceContext(device, environment);
    const types: RateType[] = device.kind === "cpu" ? ["float32"] : ["float32", "bfloat16"];
    return {
      asked,
      device: showDevice(device),
      reason,
      memory: context.memory(),
      rates: types.map((dtype) => measureMatrixRate(context, { dtype, seconds })),
      bandwidth: measureBandwidth(context, { seconds }),
    };
  } catch (error) {
    return unusable(asked, wordsOf(error));
  }
}

function unusable(asked: DeviceRequest, reason: string): DeviceFacts {
  return { asked, device: null, reason, memory: null, rates: [], bandwidth: null };
}

function indexOf(device: DeviceRequest): number {
  return Number(/^cuda:(\d+)$/.exec(device)?.[1] ?? 0);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
