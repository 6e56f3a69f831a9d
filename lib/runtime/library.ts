import manifest from "onnxruntime-node/package.json" with { type: "json" };
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { EnvironmentError } from "./errors.ts";

/** Environment variable that names another build of ONNX Runtime: a folder or a file. */
export const LIBRARY_VARIABLE = "CCMIM_ORT_LIBRARY";

/** Version of the package that the library comes from by default. */
export const PACKAGE_VERSION: string = manifest.version;

/**
 * Path of ONNX Runtime's library: `library` or else {@linkcode LIBRARY_VARIABLE} if given (a file, or a folder
 * that holds it), otherwise the one inside the onnxruntime-node package.
 *
 * @throws {EnvironmentError} if there is none.
 *
 * @example
 * ```ts
 * import { libraryPath } from "./mod.ts";
 *
 * console.log(libraryPath());
 * ```
 */
export function libraryPath(library?: string): string {
  const chosen = library ?? Deno.env.get(LIBRARY_VARIABLE);
  if (chosen === undefined || chosen === "") return libraryIn(packageFolder());
  const info = stat(chosen);
  if (info === null) {
    throw new EnvironmentError(`Cannot open ONNX Runtime at ${chosen}: there is no such file`);
  }
  return info.isDirectory ? libraryIn(chosen) : chosen;
}

/**
 * What to say if a library of another version than the package's was opened; null if it is the same.
 *
 * @example
 * ```ts
 * import { libraryPath, PACKAGE_VERSION, versionWarning } from "./mod.ts";
 *
 * console.assert(versionWarning({ version: PACKAGE_VERSION, library: libraryPath() }) === null);
 * ```
 */
export function versionWarning(opened: { version: string; library: string }): string | null {
  const { version, library } = opened;
  if (version === PACKAGE_VERSION) return null;
  return `ONNX Runtime at ${library} is version ${version}; ccmim is made for ${PACKAGE_VERSION}`;
}

/**
 * Folder of the onnxruntime-node package that holds this machine's library.
 *
 * @example
 * ```ts
 * import { packageFolder } from "./mod.ts";
 *
 * console.log(packageFolder());
 * ```
 */
export function packageFolder(): string {
  const arch = { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch as string] ?? Deno.build.arch;
  const os = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  return join(packageRoot(), os, arch);
}

/**
 * Platforms that the package holds a library for, such as `linux x64`.
 *
 * @example
 * ```ts
 * import { packagePlatforms } from "./mod.ts";
 *
 * console.assert(packagePlatforms().includes("linux x64"));
 * ```
 */
export function packagePlatforms(): string[] {
  const list = (folder: string) =>
    [...Deno.readDirSync(folder)].filter((entry) => entry.isDirectory).map(({ name }) => name);
  const root = packageRoot();
  return list(root).flatMap((os) => list(join(root, os)).map((arch) => `${os} ${arch}`)).sort();
}

function packageRoot(): string {
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  return join(root, "bin", "napi-v6");
}

/** Where builds keep the library: in the folder itself, a release's `lib`, or a Python package. */
const INSIDE = [".", "lib", "capi", "onnxruntime/capi"];

function libraryIn(folder: string): string {
  const pattern = /^(libonnxruntime(\.so(\.[\d.]+)?|(\.[\d.]+)?\.dylib)|onnxruntime\.dll)$/;
  for (const inside of INSIDE.map((path) => join(folder, path))) {
    if (!stat(inside)?.isDirectory) continue;
    const names = [...Deno.readDirSync(inside)].map((entry) => entry.name);
    const [name] = names.filter((name) => pattern.test(name)).sort();
    if (name !== undefined) return join(inside, name);
  }
  throw new EnvironmentError(
    `Cannot find ONNX Runtime's library in ${folder}: set ${LIBRARY_VARIABLE} to a build for ` +
      `${Deno.build.os} ${Deno.build.arch}`,
  );
}

function stat(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A loaded library. */
export interface Library {
  /** What `OrtGetApiBase` returned. */
  readonly base: Deno.PointerObject;
  close(): void;
}

/**
 * Loads the library at `path`.
 *
 * @throws {EnvironmentError} if it cannot be loaded or is not ONNX Runtime.
 */
export function openLibrary(path: string): Library {
  const symbols = { OrtGetApiBase: { parameters: [], result: "pointer" } } as const;
  try {
    const library = Deno.dlopen(path, symbols);
    return { base: library.symbols.OrtGetApiBase()!, close: () => library.close() };
  } catch (error) {
    throw new EnvironmentError(
      `Cannot load ONNX Runtime from ${path}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}
