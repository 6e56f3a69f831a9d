/** Reads of a file whose size has been checked. */
import { DataError, readAt } from "../data/mod.ts";

/** Fills `target` from `offset` on. @throws {DataError} if the file ends before. */
export function readWhole(
  file: Deno.FsFile,
  offset: number,
  target: Uint8Array,
  path: string,
): void {
  if (readAt(file, offset, target) < target.length) {
    throw new DataError(
      `Cannot read ${path}: it ends before byte ${
        offset + target.length
      }, which it had when it was opened`,
    );
  }
}
