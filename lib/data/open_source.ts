/** Finding out what kind of source a path is. */
import { basename, dirname, resolve } from "node:path";
import { expandBraces } from "./braces.ts";
import { startOf } from "./byte_stream.ts";
import { cifarFolder, cifarTar, isCifarFile, isCifarTar } from "./cifar_source.ts";
import { DataError } from "./error.ts";
import { folderSource } from "./folder_source.ts";
import { idxSource, isIdx, isIdxImages } from "./idx_source.ts";
import { isImagePath } from "./layout.ts";
import { isParquet, parquetSource } from "./parquet_source.ts";
import { type Source, splitOfName } from "./source.ts";
import { isTable, tableSource } from "./table_source.ts";
import { isTar } from "./tar_header.ts";
import { tarSource } from "./tar_source.ts";

/** What is said of a file that is none of these. */
const KINDS = "no folder, tar, tar.gz, CSV, JSONL, Parquet or IDX file";

/** Endings that are no part of a source's name. */
const ENDINGS = /(\.(tar|tgz|csv|tsv|jsonl|ndjson|parquet|gz))+$/i;

/**
 * Opens what the paths name, each a folder, a file of a known kind or a brace pattern that stands for several,
 * as in `train-{000..015}.tar`.
 *
 * @returns at least one source; their names differ.
 * @throws {DataError} if there is nothing at a path, or it is something else.
 */
export async function openSources(paths: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of paths) {
    const found = await exists(path) ? [path] : expandBraces(path);
    for (const one of found) sources.push(...await open(one));
  }
  const uses = new Map<string, number>();
  return sources.map((source) => {
    const count = (uses.get(source.name) ?? 0) + 1;
    uses.set(source.name, count);
    return count === 1 ? source : { ...source, name: `${source.name}-${count}` };
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** One source, or those that a folder of such files holds. */
async function open(path: string): Promise<Source[]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(`Cannot read ${path}: there is no such file or folder`, { cause });
  }
  if (info.isDirectory) return await openFolder(path);
  const { start, gzip } = await startOf(path, 512);
  const named = { path, gzip, ...nameOf(path) };
  if (isParquet(start)) return [parquetSource(named)];
  if (isIdx(start)) return [idxSource(named)];
  if (isTar(start)) return [await isCifarTar(named) ? cifarTar(named) : tarSource(named)];
  if (isTable(path)) return [tableSource(named)];
  throw new DataError(`Cannot read ${path} as images: it is ${KINDS}`);
}

/** A folder that holds only files of archives is what they are, every other one is a tree of images. */
async function openFolder(path: string): Promise<Source[]> {
  const names: string[] = [];
  let tree = false;
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (name.startsWith(".")) continue;
    names.push(name);
    tree ||= isDirectory || isImagePath(name);
  }
  names.sort();
  const named = { path, gzip: false, ...nameOf(path) };
  if (!tree) {
    if (names.some(isCifarFile)) return [cifarFolder(named)];
    const files = names.filter((name) => /\.parquet$/i.test(name) || isIdxImages(name));
    if (files.length > 0) {
      return (await Promise.all(files.map((name) => open(`${path}/${name}`)))).flat();
    }
  }
  return [folderSource(named)];
}

/** A short name for a path, and the split that it says. */
function nameOf(path: string): Pick<Source, "name" | "split"> {
  const whole = resolve(path);
  const name = basename(whole).replace(ENDINGS, "") || "source";
  const inSplit = /^\d+$/.test(name) ? basename(dirname(whole)) : name; // train/0000.parquet
  return { name, split: splitOfName(inSplit) };
}
