import { existsSync } from "node:fs";
import { join } from "node:path";
import { cString, textAt } from "./api.ts";
import { readDynamicSection } from "./elf.ts";

/**
 * The system's loader of shared libraries. What it has loaded stays loaded until the process ends, and then
 * counts for every library that wants the same name, wherever it lies.
 */
export interface Loader {
  /** Loads a library by path, or by name where the system searches. @returns null, or the loader's own words. */
  load(name: string): string | null;
}

/**
 * Linux's loader. `Deno.dlopen` would do as well, but unloads what was closed, and keeps its symbols to itself;
 * `dlopen` itself, called through it, does neither.
 */
export const systemLoader: Loader = {
  load(name) {
    const RTLD_LAZY = 0x1, RTLD_GLOBAL = 0x100;
    const libc = Deno.dlopen("libc.so.6", {
      dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      dlerror: { parameters: [], result: "pointer" },
    });
    try {
      if (libc.symbols.dlopen(cString(name), RTLD_LAZY | RTLD_GLOBAL) !== null) return null;
      return textAt(libc.symbols.dlerror());
    } finally {
      libc.close();
    }
  },
};

/** Where a library came from, or why it did not. */
export type Loaded =
  | { readonly path: string; readonly problem: null }
  | { readonly path: null; readonly problem: string };

/**
 * Loads the library called `soname`: from where the system searches, else from the first of `folders` that holds
 * it, with what it wants from there too.
 */
export function loadLibrary(
  soname: string,
  folders: readonly string[],
  loader: Loader = systemLoader,
): Loaded {
  return load(soname, folders, { loader, begun: new Set() });
}

/** What a search goes by; `begun` are the files under way, as libraries may want each other. */
interface Search {
  readonly loader: Loader;
  readonly begun: Set<string>;
}

function load(soname: string, folders: readonly string[], search: Search): Loaded {
  const { loader } = search;
  const words = loader.load(soname);
  if (words === null) return { path: soname, problem: null };
  const path = folders.map((folder) => join(folder, soname)).find((path) => existsSync(path));
  if (path === undefined) return { path: null, problem: words };
  const problem = loadFile(path, folders, search);
  return problem === null ? { path, problem } : { path: null, problem };
}

/** Loads a file, after what it wants and only `folders` hold. */
function loadFile(
  path: string,
  folders: readonly string[],
  { loader, begun }: Search,
): string | null {
  if (begun.has(path)) return null;
  begun.add(path);
  try {
    for (const name of readDynamicSection(path).needed) load(name, folders, { loader, begun });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return loader.load(path); // what is still missing, the loader names
}
