/** Opening files of a dataset: one that is missing or of another size is said to be so. */
import { createHash } from "node:crypto";
import { DataError } from "./error.ts";
import { readAt } from "./positioned.ts";

/** Opens a file for reading. @throws {DataError} beginning with `message` if it is missing. */
export function openNamed(path: string, message: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(`${message}: ${path} is missing`, { cause });
  }
}

/** All bytes of a file. @throws {DataError} beginning with `message` if it is missing. */
export function readNamed(path: string, message: string): Uint8Array {
  using file = openNamed(path, message);
  const bytes = new Uint8Array(file.statSync().size);
  return bytes.subarray(0, readAt(file, 0, bytes));
}

/** @throws {DataError} if a file has another size than the manifest says. */
export function checkBytes(path: string, bytes: number, expected: number): void {
  if (bytes === expected) return;
  throw new DataError(
    `Cannot read ${path}: it has ${bytes} bytes, the manifest says ${expected}; copy or prepare it again`,
  );
}

/**
 * SHA-256 of a file as hexadecimal digits.
 *
 * @example
 * ```ts
 * import { sha256OfFile } from "./mod.ts";
 *
 * console.assert(/^[0-9a-f]{64}$/.test(sha256OfFile("encoder.onnx")));
 * ```
 */
export function sha256OfFile(path: string): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}
