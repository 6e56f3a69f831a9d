import { textAt } from "./api.ts";
import { systemLoader } from "./loader.ts";

/** A GPU. */
export interface CudaDevice {
  readonly index: number;
  /** As the driver calls it: `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** Bytes of its memory. */
  readonly memory: number;
  /** Compute capability, such as `9.0`. */
  readonly capability: string;
  readonly multiprocessors: number;
}

/** What the driver says. */
export interface CudaDriver {
  /** The newest CUDA that it can run, as CUDA counts: 13000 is 13.0. */
  readonly version: number;
  readonly devices: readonly CudaDevice[];
}

/** Name of the driver's library. */
export const CUDA_DRIVER_LIBRARY = "libcuda.so.1";

const SYMBOLS = {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuGetErrorString: {
    parameters: [
      "i32", // CUresult error
      "buffer", // const char** out
    ],
    result: "i32",
  },
  cuDriverGetVersion: { parameters: ["buffer"], result: "i32" }, // int* out
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" }, // int* out
  cuDeviceGet: {
    parameters: [
      "buffer", // CUdevice* out
      "i32", // int ordinal
    ],
    result: "i32",
  },
  cuDeviceGetName: {
    parameters: [
      "buffer", // char* name
      "i32", // int length
      "i32", // CUdevice device
    ],
    result: "i32",
  },
  cuDeviceTotalMem_v2: {
    parameters: [
      "buffer", // size_t* bytes
      "i32", // CUdevice device
    ],
    result: "i32",
  },
  cuDeviceGetAttribute: {
    parameters: [
      "buffer", // int* out
      "i32", // CUdevice_attribute attribute
      "i32", // CUdevice device
    ],
    result: "i32",
  },
} as const;

/** `CUdevice_attribute`. */
const ATTRIBUTE = { multiprocessors: 16, capabilityMajor: 75, capabilityMinor: 76 } as const;

/**
 * Asks the driver in `library` what it can run and which GPUs there are. It makes no CUDA context.
 *
 * @throws {Error} with the loader's or the driver's own words.
 */
export function askCudaDriver(library: string = CUDA_DRIVER_LIBRARY): CudaDriver {
  systemLoader.load(library); // keeps it loaded: a driver does not like to come and go
  const handle = Deno.dlopen(library, SYMBOLS);
  try {
    return ask(handle.symbols);
  } finally {
    handle.close();
  }
}

function ask(symbols: Deno.StaticForeignLibraryInterface<typeof SYMBOLS>): CudaDriver {
  const check = (what: string, code: number) => {
    if (code === 0) return;
    const out = new BigUint64Array(1);
    symbols.cuGetErrorString(code, out);
    const words = textAt(Deno.UnsafePointer.create(out[0]!)) || "an error without a name";
    throw new Error(`${what}() says: ${words} (${code})`);
  };
  const integer = (what: string, fill: (out: Int32Array<ArrayBuffer>) => number): number => {
    const out = new Int32Array(1);
    check(what, fill(out));
    return out[0]!;
  };
  check("cuInit", symbols.cuInit(0));
  const version = integer("cuDriverGetVersion", symbols.cuDriverGetVersion);
  const count = integer("cuDeviceGetCount", symbols.cuDeviceGetCount);
  const devices = Array.from({ length: count }, (_, index): CudaDevice => {
    const device = integer("cuDeviceGet", (out) => symbols.cuDeviceGet(out, index));
    const attribute = (attribute: number) =>
      integer(
        "cuDeviceGetAttribute",
        (out) => symbols.cuDeviceGetAttribute(out, attribute, device),
      );
    const name = new Uint8Array(256), memory = new BigUint64Array(1);
    check("cuDeviceGetName", symbols.cuDeviceGetName(name, name.length, device));
    check("cuDeviceTotalMem", symbols.cuDeviceTotalMem_v2(memory, device));
    return {
      index,
      name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
      memory: Number(memory[0]!),
      capability: `${attribute(ATTRIBUTE.capabilityMajor)}.${attribute(ATTRIBUTE.capabilityMinor)}`,
      multiprocessors: attribute(ATTRIBUTE.multiprocessors),
    };
  });
  return { version, devices };
}

/** `13.0` for 13000. */
export function showCudaVersion(version: number): string {
  return `${Math.floor(version / 1000)}.${Math.floor(version % 1000 / 10)}`;
}
