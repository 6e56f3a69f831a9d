/** Going through a tar, which is never unpacked: of a plain one, only headers and what is wanted are read. */
import { type ByteCursor, FileCursor, StreamCursor } from "./byte_cursor.ts";
import { byteStream } from "./byte_stream.ts";
import { naming } from "./error.ts";
import { type PaxAttributes, paxAttributes } from "./pax.ts";
import type { OnDisk, Opened } from "./source.ts";
import { BLOCK, tarHeader } from "./tar_header.ts";
import { turns } from "./turns.ts";

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

/** Most bytes that headers before a header may take: names and attributes. */
const MOST_EXTENDED = 1 << 20;

/** Where the header of a sparse file, or a block after it, says that another block goes on listing its parts. */
const SPARSE = { header: 482, more: 504 } as const;

/** What the types of headers mean that are no plain files. Those that nobody knows are files, as POSIX has it. */
const KINDS: Readonly<Record<string, Exclude<TarEntry["kind"], "file">>> = {
  "1": "link",
  "2": "link",
  "3": "other", // device
  "4": "other",
  "5": "folder",
  "6": "other", // pipe
  A: "other", // access rights, of Solaris
  D: "folder",
  I: "other", // inode
  M: "other", // rest of a file from another volume
  S: "sparse",
  V: "other", // label of a volume
};

/** Types of entries that have no bytes, whatever their size says. */
const EMPTY = "123456";

const CUT_SHORT = "it is cut short";

/** All entries of a tar. @throws {DataError} that names the tar if it is damaged. */
export async function* tarEntries({ path, gzip }: Opened): AsyncGenerator<TarEntry> {
  const named = naming(`Cannot read ${path} as a tar`);
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
      if (isEmpty(block)) return await this.#end();
      const header = tarHeader(block);
      if (header === undefined) throw new Error(`its header at byte ${at} is damaged`);
      const { type, size } = header;
      if (type === "x" || type === "X") {
        own = { ...own, ...paxAttributes(await this.#bytes(size)) };
      } else if (type === "g") {
        this.#global = { ...this.#global, ...paxAttributes(await this.#bytes(size)) };
      } else if (type === "L" || type === "N") {
        own = { ...own, path: upToNull(await this.#bytes(size)) };
      } else if (type === "K") {
        await this.#bytes(size); // where a link leads
      } else {
        if (type === "S") await this.#passParts(block[SPARSE.header]);
        const known = { path: header.name, size, ...this.#global, ...own };
        const isFolder = type === "0" && known.path.endsWith("/"); // of old
        return {
          kind: isFolder ? "folder" : KINDS[type] ?? "file",
          name: known.path,
          size: isFolder || EMPTY.includes(type) ? 0 : known.size,
        };
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
      if (!isEmpty(bytes)) {
        throw new Error(`there is more after its end at byte ${at}`);
      }
      bytes = await this.#cursor.some(Infinity);
    }
    return undefined;
  }
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function upToNull(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
