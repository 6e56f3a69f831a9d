/** Images in a tar, which is read as a stream and never unpacked; WebDataset's labels beside them. */
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from "modern-tar";
import { byteStream } from "./byte_stream.ts";
import { DataError } from "./error.ts";
import { isImagePath } from "./layout.ts";
import type { Source, SourceEntry } from "./source.ts";

/** A path that was looked at: what it is called, whether it is gzipped. */
export interface Opened extends Pick<Source, "name" | "split"> {
  readonly path: string;
  readonly gzip: boolean;
}

/** An entry of a tar. */
export interface TarEntry {
  readonly header: TarHeader;
  /** Its bytes; what is not asked for is passed over. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  stream(): AsyncIterable<Uint8Array>;
}

/** Greatest file that is read for a label. */
const MOST_LABEL_BYTES = 1 << 20;

/** Greatest file that is read whole to pass it over. */
const SMALL = 1 << 18;

/** Members of a JSON object that may hold a label, the one preferred first. */
const JSON_LABELS = ["label", "cls", "class"] as const;

/** True if these first 512 bytes are a tar header: its checksum is right. Old tars have no magic. */
export function isTar(start: Uint8Array): boolean {
  if (start.length < 512) return false;
  const stored = parseInt(String.fromCharCode(...start.subarray(148, 156)), 8);
  const sum = start.subarray(0, 512).reduce((sum, byte, i) => {
    return sum + (i >= 148 && i < 156 ? 0x20 : byte);
  }, 0);
  return start[0] !== 0 && stored === sum;
}

/**
 * Regular files of a tar, in its own order; hidden ones are left out. A file `key.cls`, or `key.json` with a member
 * `label`, `cls` or `class`, labels the images whose names are `key` and an extension, as in WebDataset. What would
 * lie outside of the tar, and links, are bad images.
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
export function partsOf({ name }: TarHeader): string[] {
  return name.split("/").filter((part) => part !== "" && part !== ".");
}

/** All entries of a tar. @throws {DataError} that names the tar if it is damaged. */
export async function* tarEntries({ path, gzip }: Opened): AsyncGenerator<TarEntry> {
  /** The result of `work`, or an error that names the tar. */
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`Cannot read ${path} as a tar: ${why}`, { cause });
    }
  };
  async function* stream({ body }: ParsedTarEntry): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    while (true) {
      const { value, done } = await named(() => reader.read());
      if (done) return;
      yield value;
    }
  }
  const entries = decode(path, gzip).getReader();
  try {
    while (true) {
      const { value: entry, done } = await named(() => entries.read());
      if (done) return;
      let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
      const read = () => bytes ??= named(() => new Response(entry.body).bytes());
      yield { header: entry.header, read, stream: () => stream(entry) };
      if (entry.body.locked) continue;
      if (entry.header.size <= SMALL) await read(); // much faster than piece by piece
      else await named(() => skip(entry.body));
    }
  } finally {
    entries.cancel().catch(() => {}); // not awaited: it waits for a body that nobody reads
  }
}

function decode(path: string, gzip: boolean): ReadableStream<ParsedTarEntry> {
  return ReadableStream.from(byteStream(path, { gzip })).pipeThrough(
    createTarDecoder({ strict: true }),
  );
}

async function sourceEntry(entry: TarEntry): Promise<SourceEntry | undefined> {
  const { name, type, size } = entry.header;
  const parts = partsOf(entry.header);
  const path = parts.join("/");
  if (parts.includes("..")) return badImage(name, "its path leads out of the tar");
  if (parts.some((part) => part.startsWith("."))) return undefined;
  if (type === "directory" || name.endsWith("/")) return { kind: "folder", path };
  if (type === "symlink" || type === "link") {
    return badImage(path, "link, which is not followed in a tar");
  }
  if (type !== "file") return undefined;
  if (size <= MOST_LABEL_BYTES && /\.(cls|json)$/i.test(path)) {
    const label = labelIn(await entry.read(), path);
    if (label !== undefined) return { kind: "label", key: keyOf(path), label };
  }
  return { kind: "file", path, size, read: () => entry.read() };
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

/** Reads to the end: the decoder waits for ever after a body that was cancelled. */
async function skip(body: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of body);
}
