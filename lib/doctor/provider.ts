import {
  CPU,
  type Device,
  type Environment,
  EnvironmentError,
  inspectCuda,
  nameProblem,
  showDevice,
} from "../runtime/mod.ts";
import { input, mul } from "../graph/mod.ts";
import { emit } from "../onnx/mod.ts";

/** An execution provider that ONNX Runtime was built with. */
export interface ProviderFacts {
  /** Such as `CUDAExecutionProvider`. */
  readonly name: string;
  /** Whether a session runs on it; null for those that ccmim does not use, which are not tried. */
  readonly loads: boolean | null;
  /** Why it does not, in the words of who says so. */
  readonly problem: string | null;
}

const DEVICES: Readonly<Record<string, Device>> = {
  CPUExecutionProvider: CPU,
  CUDAExecutionProvider: { kind: "cuda", index: 0 },
};

/** Tries every provider in the build with a session of one node. CUDA is told of even where the build lacks it. */
export function inspectProviders(environment: Environment): ProviderFacts[] {
  const names = new Set([...environment.providers, ...Object.keys(DEVICES)]);
  return [...names].sort().map((name) => {
    const device = DEVICES[name];
    if (device === undefined) return { name, loads: null, problem: null };
    const problem = tryDevice(environment, device);
    return { name, loads: problem === null, problem };
  });
}

/** Runs one node on `device`. @returns null, or why it cannot be. */
export function tryDevice(environment: Environment, device: Device): string | null {
  if (device.kind === "cuda") {
    const { missing } = inspectCuda({ library: environment.library, index: device.index });
    if (missing !== null) return nameProblem(missing);
  }
  try {
    const x = input("x", "float32", [2]);
    using session = environment.session(emit({ y: mul(x, x) }, { name: "try" }), { device });
    const { y } = session.run({ x: { dtype: "float32", shape: [2], data: Float32Array.of(3, 4) } });
    if (Number(y!.data[1]) === 16) return null;
    return `Cannot run on ${showDevice(device)}: 3 x 3, 4 x 4 came out as ${y!.data.join()}`;
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    return `Cannot run on ${showDevice(device)}: ${error instanceof Error ? error.message : error}`;
  }
}
