/** What is at a path. */

/**
 * True if there is something: a file, a folder or a link, even one that leads nowhere.
 *
 * @example
 * ```ts
 * import { exists } from "./mod.ts";
 *
 * console.assert(exists("dataset/manifest.json"));
 * ```
 */
export function exists(path: string): boolean {
  return unlessMissing(() => Deno.lstatSync(path)) !== null;
}

/**
 * True if there is a file, or a link to one.
 *
 * @example
 * ```ts
 * import { isFile } from "./mod.ts";
 *
 * console.assert(isFile("encoder.onnx") && !isFile("dataset"));
 * ```
 */
export function isFile(path: string): boolean {
  return unlessMissing(() => Deno.statSync(path))?.isFile ?? false;
}

/**
 * True if there is a folder, or a link to one.
 *
 * @example
 * ```ts
 * import { isFolder } from "./mod.ts";
 *
 * console.assert(isFolder("dataset") && !isFolder("encoder.onnx"));
 * ```
 */
export function isFolder(path: string): boolean {
  return unlessMissing(() => Deno.statSync(path))?.isDirectory ?? false;
}

/** What `look` finds; null if nothing is there, or a file is on the way to it. */
function unlessMissing(look: () => Deno.FileInfo): Deno.FileInfo | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}
