/** Where the demonstration writes. */
import { fail } from "../arguments.ts";

const DEFAULT_FOLDER = "out/demo";

/** A new folder, or the default one emptied. */
export function openFolder(named: string | undefined): string {
  if (named === undefined) {
    try {
      Deno.removeSync(DEFAULT_FOLDER, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  } else if (isFull(named)) {
    fail(`Cannot write into ${named}: it is not empty`, 2);
  }
  const folder = named ?? DEFAULT_FOLDER;
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

function isFull(folder: string): boolean {
  try {
    return !Deno.readDirSync(folder)[Symbol.iterator]().next().done;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
