import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  askCudaDriver,
  CUDA_DRIVER_LIBRARY,
  type CudaDevice,
  type CudaDriver,
  showCudaVersion,
} from "./cuda_driver.ts";
import { tryCudaRuntime } from "./cuda_runtime.ts";
import { readDynamicSection } from "./elf.ts";
import { LIBRARY_VARIABLE } from "./library.ts";
import { type Loader, loadLibrary, systemLoader } from "./loader.ts";

/** Environment variable: folders that hold CUDA's and cuDNN's libraries, separated by `:`. */
export const CUDA_LIBRARIES_VARIABLE = "CCMIM_CUDA_LIBRARIES";

/** The files of ONNX Runtime's CUDA provider, which lie beside its library. */
export const CUDA_PROVIDER_FILES = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
] as const;

/**
 * ONNX Runtime 1.30's provider opens cuDNN by this name at the first kernel that needs it (a reduction, for
 * one), so its dynamic section does not always name it.
 */
const CUDNN = "libcudnn.so.9";

/** Libraries of every Linux, not worth a word where they are. */
const SYSTEM = /^(lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)|ld-linux[\w-]*)\.so\b/;

/** Name of the requirement that is the driver. */
export const CUDA_DRIVER = "NVIDIA driver";

/** One thing that must be there for a run on CUDA. */
export interface CudaRequirement {
  /** Its name: a file, the name of a library, `NVIDIA driver`, `cuda:0`. */
  readonly name: string;
  /** Where it was found, or its version; null if it is missing. */
  readonly found: string | null;
  /** Why it cannot be used, in the words of who says so; null if it can. */
  readonly problem: string | null;
  /** What helps; null if nothing is wrong. */
  readonly remedy: string | null;
}

/** What stands between this machine and a device. */
export interface CudaStatus {
  /** In the order in which they are needed. */
  readonly requirements: readonly CudaRequirement[];
  /** The first that is missing; null if the device can be used. */
  readonly missing: CudaRequirement | null;
  /** The GPUs that the driver tells of. */
  readonly devices: readonly CudaDevice[];
}

/** The machine, as far as it is asked. */
export interface CudaMachine {
  readonly platform: string;
  readonly loader: Loader;
  /** As {@linkcode askCudaDriver}. */
  driver(): CudaDriver;
  /** As {@linkcode tryCudaRuntime}. */
  runtime(soname: string): string | null;
}

const THIS_MACHINE: CudaMachine = {
  platform: `${Deno.build.os} ${Deno.build.arch}`,
  loader: systemLoader,
  driver: () => askCudaDriver(),
  runtime: tryCudaRuntime,
};

/** What is asked. */
export interface CudaQuestion {
  /** Path of ONNX Runtime's library. */
  readonly library: string;
  /** Index of the GPU; default 0. */
  readonly index?: number;
  /** Default: those of {@linkcode CUDA_LIBRARIES_VARIABLE}. */
  readonly folders?: readonly string[];
  /** Default: this one. */
  readonly machine?: CudaMachine;
}

/**
 * Looks for all that a run on CUDA needs, and loads the CUDA and cuDNN libraries that the provider wants, from
 * where the loader searches, or else from the folders of {@linkcode CUDA_LIBRARIES_VARIABLE} and, for a library
 * inside a Python package, the `nvidia` packages beside that.
 *
 * @example
 * ```ts
 * import { inspectCuda, libraryPath } from "./mod.ts";
 *
 * const { missing } = inspectCuda({ library: libraryPath(), index: 0 });
 * console.log(missing === null ? "a GPU that works" : `missing: ${missing.name}`);
 * ```
 */
export function inspectCuda(question: CudaQuestion): CudaStatus {
  const { library, index = 0, machine = THIS_MACHINE } = question;
  const requirements: CudaRequirement[] = [];
  if (machine.platform !== "linux x86_64") {
    requirements.push(lacks("Linux on x86-64", `this is ${machine.platform}`, "take --device cpu"));
    return { requirements, missing: requirements[0]!, devices: [] };
  }
  const files = CUDA_PROVIDER_FILES.map((name) => providerFile(dirname(library), name));
  requirements.push(...files.map(({ requirement }) => requirement));
  const needed = files.flatMap(({ needed }) => needed);
  const sonames = [...new Set([...needed, ...needed.length > 0 ? [CUDNN] : []])];
  const folders = (question.folders ?? foldersOfVariable()).flatMap(libraryFolders)
    .concat(libraryFolders(join(dirname(library), "..", "..", "nvidia")));
  for (const soname of sonames) {
    if (soname === CUDA_DRIVER_LIBRARY) continue;
    const requirement = cudaLibrary(soname, folders, machine.loader);
    if (requirement.problem !== null || !SYSTEM.test(soname)) requirements.push(requirement);
  }
  const { driver, requirement } = askDriver(machine, requiredCuda(sonames));
  requirements.push(requirement);
  const devices = driver?.devices ?? [];
  if (driver !== null) {
    requirements.push(deviceOf(devices, index));
    const loaded = (name: string) =>
      requirements.some((row) => row.name === name && row.problem === null);
    const runtime = sonames.find((name) => CUDA_RUNTIME.test(name) && loaded(name));
    if (runtime !== undefined && requirement.problem === null) {
      requirements.push(runtimeOf(machine, runtime));
    }
  }
  return {
    requirements,
    missing: requirements.find(({ problem }) => problem !== null) ?? null,
    devices,
  };
}

/**
 * "libcudart.so.13: cannot open shared object file: No such file or directory".
 *
 * @internal
 */
export function nameProblem({ name, problem }: CudaRequirement): string {
  return problem?.startsWith(name) ? problem : `${name}: ${problem}`;
}

const has = (name: string, found: string): CudaRequirement => ({
  name,
  found,
  problem: null,
  remedy: null,
});

const lacks = (name: string, problem: string, remedy: string): CudaRequirement => ({
  name,
  found: null,
  problem,
  remedy,
});

/** A file of the provider, and the libraries that it wants. */
function providerFile(folder: string, name: string) {
  const remedy =
    `"deno task setup:cuda" obtains it; or name a build that has it in ${LIBRARY_VARIABLE}`;
  const path = join(folder, name);
  if (!existsSync(path)) {
    return { requirement: lacks(name, `there is no such file in ${folder}`, remedy), needed: [] };
  }
  try {
    return { requirement: has(name, path), needed: readDynamicSection(path).needed };
  } catch (error) {
    return { requirement: lacks(name, wordsOf(error), remedy), needed: [] };
  }
}

function cudaLibrary(soname: string, folders: readonly string[], loader: Loader): CudaRequirement {
  const { path, problem } = loadLibrary(soname, folders, loader);
  if (problem === null) return has(soname, path === soname ? "found by the loader" : path);
  const version = soname.split(".so.")[1];
  const what = soname.startsWith("libcudnn")
    ? `cuDNN ${version}`
    : SYSTEM.test(soname)
    ? soname
    : `CUDA with ${soname}`;
  const remedy = `install ${what}, or name its folder in ${CUDA_LIBRARIES_VARIABLE}`;
  return lacks(soname, problem, remedy);
}

/** Name of CUDA's runtime library, with its major version. */
const CUDA_RUNTIME = /^libcudart\.so\.(\d+)/;

function runtimeOf(machine: CudaMachine, soname: string): CudaRequirement {
  const name = "CUDA runtime";
  const words = machine.runtime(soname);
  if (words === null) return has(name, "gets on with the driver");
  return lacks(name, words, "the driver and CUDA must fit each other");
}

/** The CUDA major version that libraries of these names belong to, or null. */
function requiredCuda(sonames: readonly string[]): number | null {
  const version = sonames.map((name) => CUDA_RUNTIME.exec(name)?.[1]).find(Boolean);
  return version === undefined ? null : Number(version);
}

function askDriver(
  machine: CudaMachine,
  cuda: number | null,
): { driver: CudaDriver | null; requirement: CudaRequirement } {
  const name = CUDA_DRIVER;
  const words = machine.loader.load(CUDA_DRIVER_LIBRARY);
  if (words !== null) {
    return { driver: null, requirement: lacks(name, words, "install the driver of the GPU") };
  }
  let driver: CudaDriver;
  try {
    driver = machine.driver();
  } catch (error) {
    const remedy = "nvidia-smi should list a GPU";
    return { driver: null, requirement: lacks(name, wordsOf(error), remedy) };
  }
  const runs = `runs CUDA up to ${showCudaVersion(driver.version)}`;
  if (cuda === null || driver.version >= cuda * 1000) {
    return { driver, requirement: has(name, runs) };
  }
  const problem = `it ${runs}, and the provider is built for CUDA ${cuda}`;
  return { driver, requirement: lacks(name, problem, "install a newer driver") };
}

function deviceOf(devices: readonly CudaDevice[], index: number): CudaRequirement {
  const name = `cuda:${index}`;
  const device = devices[index];
  if (device !== undefined) return has(name, device.name);
  const there = devices.length === 0
    ? "the driver tells of no GPU"
    : `the GPUs are cuda:0${devices.length > 1 ? ` to cuda:${devices.length - 1}` : " alone"}`;
  return lacks(name, there, "CUDA_VISIBLE_DEVICES may hide some");
}

function foldersOfVariable(): string[] {
  return (Deno.env.get(CUDA_LIBRARIES_VARIABLE) ?? "").split(":").filter((path) => path !== "");
}

/** The folder itself, its `lib`, and `lib` of each folder in it, as in Python's `nvidia`. */
function libraryFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inside = [...Deno.readDirSync(folder)].filter((entry) => entry.isDirectory)
    .map(({ name }) => name).sort();
  return [folder, join(folder, "lib"), ...inside.map((name) => join(folder, name, "lib"))]
    .filter((path) => existsSync(path));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
