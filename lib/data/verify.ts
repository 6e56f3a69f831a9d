/** Whether a dataset is as it was written: every file, every byte. */
import { exists } from "../files/mod.ts";
import { openDataset } from "./dataset.ts";
import { CONTACT_SHEET } from "./contact_sheet.ts";
import { DataError } from "./error.ts";
import { decodeManifest, MANIFEST, type Manifest } from "./manifest.ts";
import { readNamed, sha256OfFile } from "./named_file.ts";

/** A file that is not what it was. */
export interface DamagedFile {
  readonly file: string;
  readonly reason: string;
}

/** What was found. */
export interface VerifyResult {
  /** The dataset's folder. */
  readonly dataset: string;
  /** Files that the manifest names, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** In the order of the manifest. */
  readonly damaged: readonly DamagedFile[];
  /** Other files in the folder, which no reader looks at, sorted. */
  readonly unlisted: readonly string[];
  readonly seconds: number;
}

/** How verifying is watched and stopped. */
export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Called after each file with the bytes so far. */
  onProgress?(progress: { readonly done: number; readonly total: number }): void;
}

/**
 * Reads every file of a dataset and compares it with the checksum in the manifest; what is missing or has another size is
 * damaged as well.
 *
 * @throws {DataError} if the manifest itself is missing, damaged or newer.
 *
 * @example
 * ```ts
 * import { verifyDataset } from "./mod.ts";
 *
 * console.assert(verifyDataset("dataset").damaged.length === 0);
 * ```
 */
export function verifyDataset(
  folder: string,
  { signal, onProgress }: VerifyOptions = {},
): VerifyResult {
  const began = performance.now();
  const manifest = `${folder}/${MANIFEST}`;
  const bytes = readNamed(manifest, `Cannot open ${folder} as a packed dataset`);
  const files = filesOf(decodeManifest(bytes, manifest));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const damaged: DamagedFile[] = [];
  let done = 0;
  for (const listed of files) {
    signal?.throwIfAborted();
    onProgress?.({ done, total });
    const reason = wrongWith(folder, listed);
    if (reason !== null) damaged.push({ file: listed.file, reason });
    done += listed.bytes;
  }
  onProgress?.({ done, total });
  if (damaged.length === 0) damaged.push(...disagreements(folder));
  const known = new Set([MANIFEST, CONTACT_SHEET, ...files.map(({ file }) => file)]);
  const unlisted = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => !known.has(name)).sort();
  const seconds = (performance.now() - began) / 1000;
  return { dataset: folder, files: files.length, bytes: total, damaged, unlisted, seconds };
}

type ListedFile = { readonly file: string; readonly bytes: number; readonly sha256: string };

function filesOf({ splits }: Manifest): ListedFile[] {
  return Object.values(splits).flatMap((split) => [split!.index, ...split!.shards]);
}

/** Null if nothing is. */
function wrongWith(folder: string, { file, bytes, sha256 }: ListedFile): string | null {
  const path = `${folder}/${file}`;
  if (!exists(path)) return "missing";
  const { size, isFile } = Deno.statSync(path);
  if (!isFile) return "not a file";
  if (size !== bytes) return `${size} bytes in place of ${bytes}`;
  return sha256OfFile(path) === sha256 ? null : "its checksum is not the manifest's";
}

/** What a manifest says that its own files do not. */
function disagreements(folder: string): DamagedFile[] {
  try {
    openDataset(folder).close();
    return [];
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return [{ file: MANIFEST, reason: error.message }];
  }
}
