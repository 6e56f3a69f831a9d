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

/** What to say if a library of another version than the package's was opened; null if it is the same. */
export function versionWarning(opened: { version: string; library: string }): string | null {
  const { version, library } = opened;
  if (version === PACKAGE_VERSION) return null;
  return `ONNX Runtime at ${library} is version ${version}; ccmim is made for ${PACKAGE_VERSION}`;
}

/** Folder of the onnxruntime-node package that holds this machine's library. */
function packageFolder(): string {
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const arch = { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch as string] ?? Deno.build.arch;
  return join(root, "bin", "napi-v6", Deno.build.os, arch);
}

function libraryIn(folder: string): string {
  const pattern = /^libonnxruntime(\.so(\.[\d.]+)?|(\.[\d.]+)?\.dylib)$/;
  const names = stat(folder)?.isDirectory
    ? [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) => pattern.test(name))
    : [];
  const [name] = names.sort();
  if (name === undefined) {
    throw new EnvironmentError(
      `Cannot find ONNX Runtime's library in ${folder}: set ${LIBRARY_VARIABLE} to a build for ` +
        `${Deno.build.os} ${Deno.build.arch}`,
    );
  }
  return join(folder, name);
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
