/** What `position.json` says of the files beside it, and what they are. */
import { createHash } from "node:crypto";
import { DataError } from "../data/mod.ts";

/** Bytes and checksum of a file. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Bytes hashed by one call, which takes less than 2 GiB. */
const PIECE = 64 << 20;

/** Bytes read at once where a file is not held. */
const READ = 1 << 20;

/** The digest of a file of these chunks. */
export function digestOf(chunks: readonly Uint8Array[]): FileDigest {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; at += PIECE) {
      hash.update(chunk.subarray(at, at + PIECE));
    }
    bytes += chunk.byteLength;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** The digest of a file, which is not held in memory for this. @throws {DataError} if there is none. */
export function digestOfFile(path: string): FileDigest {
  using file = named(path, () => Deno.openSync(path));
  const hash = createHash("sha256");
  const piece = new Uint8Array(READ);
  let bytes = 0;
  for (let count; (count = file.readSync(piece)) !== null;) {
    hash.update(piece.subarray(0, count));
    bytes += count;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** @throws {DataError} if a file is not what `position.json` says. */
export function checkDigest(file: string, found: FileDigest, described: FileDigest): void {
  for (const what of ["bytes", "sha256"] as const) {
    if (found[what] === described[what]) continue;
    throw new DataError(
      `Cannot use ${file}: its ${what} is ${found[what]}, and position.json says ${
        described[what]
      }; the file was changed or damaged`,
    );
  }
}

/** The bytes of a file. @throws {DataError} if there is none. */
export function readFile(path: string): Uint8Array {
  return named(path, () => Deno.readFileSync(path));
}

function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataError(`Cannot read ${path}: there is no such file`, { cause: error });
  }
}
