/** Images in a folder and the folders below it. */
import type { Source, SourceFile } from "./source.ts";

/** Files of `folder`, sorted by path, links followed. Hidden ones and what is below them are left out. */
export function folderSource(folder: string): Source {
  async function* files(): AsyncGenerator<SourceFile> {
    const paths: string[] = [];
    await collect(folder, "", paths, []);
    paths.sort();
    for (const path of paths) {
      const file = `${folder}/${path}`;
      const { size } = await Deno.stat(file);
      yield { path, size, read: (atLeast = size) => readStart(file, Math.min(atLeast, size)) };
    }
  }
  return { kind: "folder", files };
}

/** Adds the paths below `folder`; `above` are the real paths of it and what holds it, against endless loops. */
async function collect(
  folder: string,
  prefix: string,
  paths: string[],
  above: readonly string[],
): Promise<void> {
  const real = await Deno.realPath(folder);
  if (above.includes(real)) return;
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    const { isDirectory, isFile } = entry.isSymlink ? await Deno.stat(path) : entry;
    if (isDirectory) await collect(path, `${prefix}${entry.name}/`, paths, [...above, real]);
    else if (isFile) paths.push(prefix + entry.name);
  }
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
