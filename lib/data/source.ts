/** Where images come from: a folder or a tar, seen as a list of files. */
import { DataError } from "./error.ts";
import { folderSource } from "./folder_source.ts";
import { tarSource } from "./tar_source.ts";

/** A file of a source. */
export interface SourceFile {
  /** Path in the source, with `/`. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** The file, or at least its first `atLeast` bytes. Call it before asking for the next file. */
  read(atLeast?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Files that can be gone through more than once, in the same order each time. */
export interface Source {
  readonly kind: "folder" | "tar";
  files(): AsyncIterable<SourceFile>;
}

const GZIP = [0x1f, 0x8b] as const;
/** Where the header that a tar starts with says "ustar" (POSIX and GNU). */
const USTAR_AT = 257;

/**
 * Opens a folder, a tar or a gzipped tar, whichever `path` is.
 *
 * @throws {DataError} if there is nothing there, or it is something else.
 */
export async function openSource(path: string): Promise<Source> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(`Cannot read ${path}: there is no such file or folder`, { cause });
  }
  if (info.isDirectory) return folderSource(path);
  const start = await firstBytes(path);
  if (GZIP.every((byte, i) => start[i] === byte)) return tarSource(path, { gzip: true });
  const magic = String.fromCharCode(...start.subarray(USTAR_AT, USTAR_AT + 5));
  if (magic === "ustar") return tarSource(path, { gzip: false });
  throw new DataError(`Cannot read ${path} as images: it is no folder, no tar and no tar.gz`);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(512);
  return bytes.subarray(0, (await file.read(bytes)) ?? 0);
}
