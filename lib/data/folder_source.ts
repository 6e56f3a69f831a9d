/** Images in a folder and the folders below it. */
import { resolve } from "node:path";
import { isImagePath } from "./layout.ts";
import { PathSet } from "./path_set.ts";
import { readAt } from "./positioned.ts";
import type { Opened, Source, SourceEntry } from "./source.ts";
import { turns } from "./turns.ts";
import { whyUnreachable } from "./unreachable.ts";

/** What a folder holds, found by walking it. */
interface Walk {
  readonly root: string;
  /** What tells a file from others: its path below the root, its real path if it is elsewhere. */
  readonly files: PathSet;
  /** Paths of those files that are called otherwise, since a link leads there. */
  readonly linked: Map<number, string>;
  /** Path of each folder by what tells it from others. */
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
    const { files, linked, folders, broken, twice } = await walk(folder);
    if (twice > 0) {
      const message =
        `${twice} symbolic links in ${folder} lead to what is there already; left out`;
      yield { kind: "warning", message };
    }
    for (const path of folders.values()) if (path !== "") yield { kind: "folder", path };
    for (const path of broken) {
      if (isImagePath(path)) yield { kind: "bad", path, reason: "symbolic link to nothing" };
    }
    const turn = turns();
    for (const i of sorted(files, linked)) {
      await turn();
      const path = linked.get(i) ?? files.at(i);
      yield fileOf(`${folder}/${path}`, path);
    }
  }
  return { name, split, entries };
}

/**
 * A file on the disk as a file of a source; one that is not there, or cannot be reached, is bad. The system is asked without
 * waiting for an event: that would take ten times as long as the answer, from the page cache.
 */
export function fileOf(file: string, path: string): SourceEntry {
  if (file.includes("\0")) return { kind: "bad", path, reason: "no file is named so" };
  try {
    const { size, isFile } = Deno.statSync(file);
    if (!isFile) return { kind: "bad", path, reason: "not a file" };
    const read = (atLeast = size) => Promise.try(() => readStart(file, Math.min(atLeast, size)));
    return { kind: "file", path, size, onDisk: { file, offset: 0 }, read };
  } catch (error) {
    const reason = whyUnreachable(error);
    if (reason === undefined) throw error;
    return { kind: "bad", path, reason };
  }
}

async function walk(folder: string): Promise<Walk> {
  const root = await Deno.realPath(folder);
  const found: Walk = {
    root,
    files: new PathSet(),
    linked: new Map(),
    folders: new Map(),
    links: [],
    broken: [],
    twice: 0,
  };
  await collect("", "", found);
  for (const path of found.links) await follow(path, found); // it grows while they are followed
  return found;
}

/** Adds what is below a folder; links are left for later. */
async function collect(id: string, path: string, found: Walk): Promise<void> {
  if (found.folders.has(id)) return void found.twice++;
  found.folders.set(id, path);
  const entries = await Array.fromAsync(Deno.readDir(resolve(found.root, id)));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isFile, isSymlink } of entries) {
    if (name.startsWith(".")) continue;
    const at = path === "" ? name : `${path}/${name}`;
    const below = id === path ? at : `${id}/${name}`; // one string for both, where no link is on the way
    if (isSymlink) found.links.push(at);
    else if (isDirectory) await collect(below, at, found);
    else if (isFile) add(below, at, found);
  }
}

async function follow(path: string, found: Walk): Promise<void> {
  let real: string;
  try {
    real = await Deno.realPath(`${found.root}/${path}`);
  } catch {
    return void found.broken.push(path); // to nothing, or to itself
  }
  const { isDirectory, isFile } = await Deno.stat(real);
  const id = real === found.root
    ? ""
    : real.startsWith(`${found.root}/`)
    ? real.slice(found.root.length + 1)
    : real;
  if (isDirectory) await collect(id, path, found);
  else if (isFile) add(id, path, found);
}

function add(id: string, path: string, found: Walk): void {
  const number = found.files.add(id);
  if (number === undefined) found.twice++;
  else if (id !== path) found.linked.set(number, path);
}

/** Numbers of the files, by path. */
function sorted(files: PathSet, linked: ReadonlyMap<number, string>): Uint32Array {
  const order = Uint32Array.from({ length: files.length }, (_, i) => i);
  if (linked.size === 0) return order.sort((a, b) => files.compare(a, b));
  const path = (i: number) => linked.get(i) ?? files.at(i);
  return order.sort((a, b) => path(a) < path(b) ? -1 : 1);
}

function readStart(path: string, length: number): Uint8Array<ArrayBuffer> {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readAt(file, 0, bytes));
}
