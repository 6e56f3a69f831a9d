/** What is fuzzed: a reader of hostile files, and valid files to start from. */
import type { Dialect, Files } from "./mutate.ts";

/** A reader under test. */
export interface Reader {
  readonly name: string;
  readonly dialect: Dialect;
  /** Valid inputs, the same at every call. @param work a folder to make them in. */
  valid(work: string): Promise<readonly Files[]>;
  /**
   * Reads all that the input in `folder` holds.
   *
   * @returns a text that is equal where the same was read.
   * @throws {Error} one of the classes that the project refuses input with, if it cannot be used.
   */
  read(folder: string): Promise<string>;
}

/** How an input was taken. */
export type Verdict =
  | { readonly kind: "accepted"; readonly text: string }
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string };

/** Puts the input into a new folder and reads it; whatever was thrown comes back as a verdict. */
export async function tryInput(reader: Reader, files: Files, folder: string): Promise<Verdict> {
  writeFiles(files, folder);
  try {
    return { kind: "accepted", text: await reader.read(folder) };
  } catch (error) {
    return isRefusal(error)
      ? { kind: "refused", text: error.message }
      : { kind: "failed", text: showFailure(error) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Writes an input. */
export function writeFiles(files: Files, folder: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) {
    const slash = name.lastIndexOf("/");
    if (slash > 0) Deno.mkdirSync(`${folder}/${name.slice(0, slash)}`, { recursive: true });
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
}

/** Reads all files below a folder as an input. */
export function readFiles(folder: string, below = ""): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const entries = [...Deno.readDirSync(`${folder}/${below}`)].sort((a, b) =>
    a.name < b.name ? -1 : 1
  );
  for (const { name, isDirectory } of entries) {
    const path = below + name;
    if (isDirectory) readFiles(folder, `${path}/`).forEach((bytes, key) => files.set(key, bytes));
    else files.set(path, Deno.readFileSync(`${folder}/${path}`));
  }
  return files;
}

/** True of what a reader may throw: it says in words what cannot be used. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error.name === "DataError") return true;
  return error instanceof SyntaxError && error.message.startsWith("Cannot ");
}

function showFailure(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  return error.stack ?? `${error.name}: ${error.message}`;
}
