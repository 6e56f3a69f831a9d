/** Going through a tar, which is never unpacked: of a plain one, only headers and what is wanted are read. */
import { Buffer } from "node:buffer";
import { Header } from "tar/header";
import type { Pax } from "tar/pax";
import { type ByteCursor, FileCursor, StreamCursor } from "./byte_cursor.ts";
import { byteStream } from "./byte_stream.ts";
import { DataError } from "./error.ts";
import { type PaxAttributes, paxAttributes } from "./pax.ts";
import type { OnDisk, Source } from "./source.ts";
import { turns } from "./turns.ts";

/** A path that was looked at: what it is called, whether it is gzipped. */
export interface Opened extends Pick<Source, "name" | "split"> {
  readonly path: string;
  readonly gzip: boolean;
}

/** An entry of a tar. Its bytes are to be read, or else streamed, before the next entry is asked for. */
export interface TarEntry {
  readonly kind: "file" | "folder" | "link" | "sparse" | "other";
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

/** Where a header says how many bytes follow. */
const SIZE = [124, 136] as const;

/** Where the header of a sparse file, or a block after it, says that another block goes on listing its parts. */
const SPARSE = { header: 482, more: 504 } as const;

/** What the types of headers mean; others that have a name are no files. */
const KINDS: Readonly<Record<string, TarEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  Directory: "folder",
  GNUDumpDir: "folder",
  Link: "link",
  SymbolicLink: "link",
  SparseFile: "sparse",
  Unsupported: "file", // as POSIX has it
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
  using cursor = await named(() =>
    gzip ? new StreamCursor(byteStream(path, { gzip })) : new FileCursor(path)
  );
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
  /** Attributes of all entries that follow, unless they have their own. */
  #global: PaxAttributes = {};

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  /** What the next header says; the cursor is then where its bytes begin. `undefined` = there is none. */
  async next(): Promise<Pick<TarEntry, "kind" | "name" | "size"> | undefined> {
    /** Attributes of the next entry alone. */
    let own: PaxAttributes = {};
    while (true) {
      const at = this.#cursor.at;
      const block = await this.#cursor.take(BLOCK);
      if (block.length < BLOCK) throw new Error(CUT_SHORT);
      const known = { ...this.#global, ...own };
      const header = new Header(buffered(block), 0, known as Pax);
      if (header.nullBlock) return await this.#end();
      const { type, size = isBlank(block.subarray(...SIZE)) ? 0 : undefined } = header; // a volume's label has none
      if (!header.cksumValid || size === undefined) {
        throw new Error(`its header at byte ${at} is damaged`);
      }
      if (type === "ExtendedHeader" || type === "OldExtendedHeader") {
        own = { ...own, ...paxAttributes(await this.#bytes(size)) };
      } else if (type === "GlobalExtendedHeader") {
        this.#global = { ...this.#global, ...paxAttributes(await this.#bytes(size)) };
      } else if (type === "NextFileHasLongPath" || type === "OldGnuLongPath") {
        own = { ...own, path: upToNull(buffered(await this.#bytes(size)).toString("utf8")) };
      } else if (type === "NextFileHasLongLinkpath") {
        await this.#bytes(size); // links are not followed
      } else {
        if (type === "SparseFile") await this.#passParts(block[SPARSE.header]);
        const name = known.path ?? header.path ?? ""; // the library would put the header's prefix before both
        return { kind: KINDS[type] ?? "other", name, size: EMPTY.has(type) ? 0 : size };
      }
    }
  }

  /** What is in a header that adds to the next. */
  async #bytes(size: number): Promise<Uint8Array<ArrayBuffer>> {
    if (size > MOST_EXTENDED) throw new Error(`${size} bytes of attributes are no entry's`);
    const end = this.#cursor.at + Math.ceil(size / BLOCK) * BLOCK;
    const bytes = await this.#cursor.take(size);
    if (bytes.length < size) throw new Error(CUT_SHORT);
    await this.#cursor.seek(end);
    return bytes;
  }

  /** Passes over the blocks that list the parts of a sparse file. */
  async #passParts(goesOn: number | undefined): Promise<void> {
    while (goesOn) goesOn = (await this.#cursor.take(BLOCK))[SPARSE.more];
  }

  /** After an empty block: there is one more, and nothing else. */
  async #end(): Promise<undefined> {
    const at = this.#cursor.at;
    let bytes = await this.#cursor.take(BLOCK);
    if (bytes.length < BLOCK) throw new Error(CUT_SHORT);
    while (bytes.length > 0) {
      if (bytes.some((byte) => byte !== 0)) {
        throw new Error(`there is more after its end at byte ${at}`);
      }
      bytes = await this.#cursor.some(Infinity);
    }
    return undefined;
  }
}

function buffered({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Whether a number was left out. */
function isBlank(digits: Uint8Array): boolean {
  return digits.every((byte) => byte === 0 || byte === 0x20);
}

function upToNull(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
