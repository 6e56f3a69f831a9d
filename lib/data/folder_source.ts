/** Images in a folder and the folders below it. */
import { isImagePath } from "./layout.ts";
import type { Source, SourceEntry } from "./source.ts";
import type { Opened } from "./tar_source.ts";

/** What a folder holds, found by walking it. */
interface Walk {
  /** Path by real path, so that nothing counts twice. */
  readonly files: Map<string, string>;
  readonly folders: Map<string, string>;
  readonly links: string[];
  readonly broken: string[];
  /** Links to what is there already. */
  twice: number;
}

/**
 * Files of a folder, sorted by path. Hidden ones and what is below them are left out. Symbolic links are followed, but
 * every file and folder counts once: under its own path if that is in the folder, else under the first link's.
 */
export function folderSource({ path: folder, name, split }: Opened): Source {
  async function* entries(): AsyncGenerator<SourceEntry> {
    const { files, folders, broken, twice } = await walk(folder);
    if (twice > 0) {
      const message =
        `${twice} symbolic links in ${folder} lead to what is there already; left out`;
      yield { kind: "warning", message };
    }
    for (const path of folders.values()) if (path !== "") yield { kind: "folder", path };
    for (const path of broken) {
      if (isImagePath(path)) yield { kind: "bad", path, reason: "symbolic link to nothing" };
    }
    for (const path of [...files.values()].sort()) yield await fileOf(`${folder}/${path}`, path);
  }
  return { name, split, entries };
}

/** A file on the disk as a file of a source; one that is not there is bad. */
export async function fileOf(file: string, path: string): Promise<SourceEntry> {
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile) return { kind: "bad", path, reason: "not a file" };
    const read = (atLeast = size) => readStart(file, Math.min(atLeast, size));
    return { kind: "file", path, size, read };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "bad", path, reason: "no such file" };
    throw error;
  }
}

async function walk(folder: string): Promise<Walk> {
  const found: Walk = { files: new Map(), folders: new Map(), links: [], broken: [], twice: 0 };
  await collect(await Deno.realPath(folder), "", found);
  for (const path of found.links) await follow(folder, path, found); // it grows while they are followed
  return found;
}

/** Adds what is below a folder by its real path; links are left for later. */
async function collect(real: string, path: string, found: Walk): Promise<void> {
  if (found.folders.has(real)) return void found.twice++;
  found.folders.set(real, path);
  const entries: Deno.DirEntry[] = [];
  for await (const entry of Deno.readDir(real)) entries.push(entry);
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isFile, isSymlink } of entries) {
    if (name.startsWith(".")) continue;
    const [below, at] = [`${real}/${name}`, path === "" ? name : `${path}/${name}`];
    if (isSymlink) found.links.push(at);
    else if (isDirectory) await collect(below, at, found);
    else if (isFile) add(below, at, found);
  }
}

async function follow(folder: string, path: string, found: Walk): Promise<void> {
  let real: string;
  try {
    real = await Deno.realPath(`${folder}/${path}`);
  } catch {
    return void found.broken.push(path); // to nothing, or to itself
  }
  const { isDirectory, isFile } = await Deno.stat(real);
  if (isDirectory) await collect(real, path, found);
  else if (isFile) add(real, path, found);
}

function add(real: string, path: string, found: Walk): void {
  if (found.files.has(real)) found.twice++;
  else found.files.set(real, path);
}

async function readStart(path: string, length: number): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = await file.read(bytes.subarray(done));
    if (count === null) return bytes.slice(0, done);
    done += count;
  }
  return bytes;
}
