/** Images in a tar, and WebDataset's labels beside them. */
import { isImagePath } from "./layout.ts";
import type { Opened, Source, SourceEntry } from "./source.ts";
import { tarEntries, type TarEntry } from "./tar_entries.ts";

/** Greatest file that is read for a label. */
const MOST_LABEL_BYTES = 1 << 20;

/** Members of a JSON object that may hold a label, the one preferred first. */
const JSON_LABELS = ["label", "cls", "class"] as const;

/**
 * Regular files of a tar, in its own order; hidden ones are left out. A file `key.cls`, or `key.json` with a member
 * `label`, `cls` or `class`, labels the images whose names are `key` and an extension, as in WebDataset. What would
 * lie outside of the tar, links and sparse files are bad images.
 */
export function tarSource(opened: Opened): Source {
  async function* entries(): AsyncGenerator<SourceEntry> {
    for await (const entry of tarEntries(opened)) {
      const found = await sourceEntry(entry);
      if (found !== undefined) yield found;
    }
  }
  return { name: opened.name, split: opened.split, entries };
}

/** Path in a tar, without what says nothing. */
export function partsOf({ name }: Pick<TarEntry, "name">): string[] {
  return name.split("/").filter((part) => part !== "" && part !== ".");
}

async function sourceEntry(entry: TarEntry): Promise<SourceEntry | undefined> {
  const { name, kind, size, onDisk } = entry;
  const parts = partsOf(entry);
  const path = parts.join("/");
  if (parts.includes("..")) return badImage(name, "its path leads out of the tar");
  if (parts.some((part) => part.startsWith("."))) return undefined;
  if (kind === "folder") return { kind, path };
  if (kind === "link") return badImage(path, "link, which is not followed in a tar");
  if (kind === "sparse") return badImage(path, "sparse file, which is not read from a tar");
  if (kind !== "file") return undefined;
  if (size <= MOST_LABEL_BYTES && /\.(cls|json)$/i.test(path)) {
    const label = labelIn(await entry.read(), path);
    if (label !== undefined) return { kind: "label", key: keyOf(path), label };
  }
  const { read } = entry;
  return { kind, path, size, read, ...onDisk === undefined ? {} : { onDisk } };
}

function badImage(path: string, reason: string): SourceEntry | undefined {
  return isImagePath(path) ? { kind: "bad", path, reason } : undefined;
}

/** A path up to the first dot of its file's name: what the files of a WebDataset sample share. */
export function keyOf(path: string): string {
  const at = path.indexOf(".", path.lastIndexOf("/") + 1);
  return at < 0 ? path : path.slice(0, at);
}

function labelIn(bytes: Uint8Array, path: string): string | number | undefined {
  const text = new TextDecoder().decode(bytes).trim();
  if (/\.cls$/i.test(path)) return /^-?\d{1,15}$/.test(text) ? Number(text) : labelOf(text);
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null) return undefined;
    const members = new Map<string, unknown>(Object.entries(json));
    return JSON_LABELS.map((name) => labelOf(members.get(name))).find((label) =>
      label !== undefined
    );
  } catch {
    return undefined; // some other file
  }
}

/** A number or a name as a label; `undefined` if it is neither. */
export function labelOf(value: unknown): string | number | undefined {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
