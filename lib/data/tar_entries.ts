/** Going through a tar, which is never unpacked: of a plain one, only headers and what is wanted are read. */
import { Buffer } from "node:buffer";
import { Header } from "tar/header";
import { Pax } from "tar/pax";
import { type ByteCursor, FileCursor, StreamCursor } from "./byte_cursor.ts";
import { byteStream } from "./byte_stream.ts";
import { DataError } from "./error.ts";
import type { OnDisk, Source } from "./source.ts";
import { turns } from "./turns.ts";

/** A path that was looked at: what it is called, whether it is gzipped. */
export interface Opened extends Pick<Source, "name" | "split"> {
  readonly path: string;
  readonly gzip: boolean;
}

/** An entry of a tar. Its bytes are to be read, or else streamed, before the next entry is asked for. */
export interface TarEntry {
  readonly kind: "file" | "folder" | "link" | "other";
  /** As the tar says it. */
  readonly name: string;
  /** Bytes of a file. */
  readonly size: number;
  /** Where they lie, unless they are compressed. */
  readonly onDisk?: OnDisk;
  /** All of them, or at least the first `atLeast`. */
  read(atLeast?: number): Promise<Uint8Array<ArrayBuffer>>;
  stream(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Headers and bodies fill whole blocks. */
const BLOCK = 512;

/** Most bytes that headers before a header may take: names and attributes. */
const MOST_EXTENDED = 1 << 20;

/** What the types of headers mean; others are no files. */
const KINDS: Readonly<Record<string, TarEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  Directory: "folder",
  GNUDumpDir: "folder",
  Link: "link",
  SymbolicLink: "link",
};

/** Types of entries that have no bytes, whatever their size says. */
const EMPTY = new Set([
  "Directory",
  "Link",
  "SymbolicLink",
  "CharacterDevice",
  "BlockDevice",
  "FIFO",
]);

const CUT_SHORT = "it is cut short";

/** All entries of a tar. @throws {DataError} that names the tar if it is damaged. */
export async function* tarEntries({ path, gzip }: Opened): AsyncGenerator<TarEntry> {
  /** The result of `work`, or an error that names the tar. */
  const named = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`Cannot read ${path} as a tar: ${why}`, { cause });
    }
  };
  using cursor = gzip ? new StreamCursor(byteStream(path, { gzip })) : new FileCursor(path);
  const headers = new Headers(cursor);
  const turn = turns();
  while (true) {
    await turn();
    const header = await named(() => headers.next());
    if (header === undefined) return;
    const { kind, name, size } = header;
    const offset = cursor.at;
    const bytes = (count: number) =>
      named(async () => {
        await cursor.seek(offset);
        const bytes = await cursor.take(count);
        if (bytes.length < count) throw new Error(CUT_SHORT);
        return bytes;
      });
    let whole: Promise<Uint8Array<ArrayBuffer>> | undefined;
    yield {
      kind,
      name,
      size,
      ...gzip ? {} : { onDisk: { file: path, offset } },
      read: (atLeast = size) => gzip || atLeast >= size ? whole ??= bytes(size) : bytes(atLeast), // no stream goes back
      async *stream() {
        await cursor.seek(offset);
        for (let rest = size; rest > 0;) {
          const piece = await named(() => cursor.some(rest));
          if (piece.length === 0) await named(() => Promise.reject(new Error(CUT_SHORT)));
          rest -= piece.length;
          yield piece;
        }
      },
    };
    await named(() => cursor.seek(offset + Math.ceil(size / BLOCK) * BLOCK));
  }
}

/** Reads headers together with those that only add to the next. */
class Headers {
  readonly #cursor: ByteCursor;
  /** Attributes of all entries that follow. */
  #global: Pax | undefined;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  /** What the next header says; the cursor is then where its bytes begin. `undefined` = there is none. */
  async next(): Promise<Pick<TarEntry, "kind" | "name" | "size"> | undefined> {
    /** Attributes of the next entry alone. */
    let own: Partial<Pax> | undefined;
    while (true) {
      const at = this.#cursor.at;
      const block = await this.#cursor.take(BLOCK);
      if (block.length < BLOCK) throw new Error(CUT_SHORT);
      const header = new Header(buffered(block), 0, own as Pax | undefined, this.#global);
      if (header.nullBlock) return await this.#end();
      const { type, path, size } = header;
      if (!header.cksumValid || size === undefined || !Number.isSafeInteger(size)) {
        throw new Error(`its header at byte ${at} is damaged`);
      }
      if (type === "ExtendedHeader" || type === "OldExtendedHeader") {
        own = Pax.parse(await this.#text(size), own as Pax | undefined);
      } else if (type === "GlobalExtendedHeader") {
        this.#global = Pax.parse(await this.#text(size), this.#global, true);
      } else if (type === "NextFileHasLongPath" || type === "OldGnuLongPath") {
        own = { ...own, path: upToNull(await this.#text(size)) };
      } else if (type === "NextFileHasLongLinkpath") {
        await this.#text(size); // links are not followed
      } else {
        const kind = KINDS[type] ?? "other";
        return { kind, name: path ?? "", size: EMPTY.has(type) ? 0 : size };
      }
    }
  }

  /** The text of a header that adds to the next. */
  async #text(size: number): Promise<string> {
    if (size > MOST_EXTENDED) throw new Error(`${size} bytes of attributes are no entry's`);
    const end = this.#cursor.at + Math.ceil(size / BLOCK) * BLOCK;
    const bytes = await this.#cursor.take(size);
    if (bytes.length < size) throw new Error(CUT_SHORT);
    await this.#cursor.seek(end);
    return buffered(bytes).toString("utf8");
  }

  /** After an empty block: there is one more, and nothing else. */
  async #end(): Promise<undefined> {
    const at = this.#cursor.at;
    if ((await this.#cursor.take(BLOCK)).length < BLOCK) throw new Error(CUT_SHORT);
    await this.#cursor.seek(at);
    while (true) {
      const bytes = await this.#cursor.some(Infinity);
      if (bytes.length === 0) return undefined;
      if (bytes.some((byte) => byte !== 0)) {
        throw new Error(`there is more after its end at byte ${at}`);
      }
    }
  }
}

function buffered({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function upToNull(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
