/**
 * What the pages of a Parquet file say of their sizes, checked before anything of such a size is made: `hyparquet` believes them.
 * https://parquet.apache.org/docs/file-format/data-pages
 */
import type { FileMetaData, RowGroup } from "hyparquet";
import { DataError } from "./error.ts";
import { readAt } from "./positioned.ts";

/** Bytes that a compressed byte may become; no page of images comes near deflate's 1,032. */
const MOST_RATIO = 1032;
/** Bytes that any page may become. */
const MOST_SMALL = 1 << 20;
const MOST_LARGE = 2 ** 30;

/** Bytes that are read for a page's header at first; statistics can make it longer. */
const HEADER_READ = 4096;
const MOST_HEADER = 16 << 20;

/** Structs in structs that a header may have; a page's has two. */
const MOST_DEPTH = 8;

/** A struct of Thrift's compact protocol: numbers and structs by their field; other values are left out. */
type Struct = Map<number, number | Struct>;

/** @throws {DataError} if a group of rows says that it has more rows than the file has bytes. */
export function checkRows({ row_groups }: FileMetaData, fileBytes: number, path: string): void {
  for (const { num_rows } of row_groups) {
    if (num_rows >= 0n && num_rows <= BigInt(fileBytes)) continue;
    throw new DataError(
      `Cannot read ${path} as Parquet: ${fileBytes} bytes hold no ${num_rows} rows`,
    );
  }
}

/**
 * Checks the headers of all pages of some columns.
 *
 * @param columns names of columns without lists.
 * @throws {DataError} if a page says that it has more values than its group has rows, or becomes larger than it can.
 */
export function checkPages(
  file: Deno.FsFile,
  { num_rows, columns: chunks }: RowGroup,
  { columns, path }: { readonly columns: readonly string[]; readonly path: string },
): void {
  const rows = Number(num_rows);
  for (const { meta_data: chunk } of chunks) {
    if (chunk === undefined || !columns.includes(chunk.path_in_schema[0]!)) continue;
    const [data, dictionary] = [chunk.data_page_offset, chunk.dictionary_page_offset].map(Number);
    let at = dictionary! > 0 ? Math.min(data!, dictionary!) : data!;
    const end = at + Number(chunk.total_compressed_size);
    while (at < end) {
      const header = headerAt(file, at, path);
      const { compressed, uncompressed, values } = header;
      const most = Math.min(MOST_LARGE, MOST_SMALL + MOST_RATIO * compressed);
      if (
        values > rows || values < 0 || uncompressed > most || uncompressed < 0 || compressed < 0
      ) {
        throw new DataError(
          `Cannot read ${path} as Parquet: a page of ${compressed} bytes says that it becomes ` +
            `${uncompressed}, with ${values} values in ${rows} rows`,
        );
      }
      at += header.length + compressed;
    }
  }
}

/** A page's header, its own length included. */
function headerAt(file: Deno.FsFile, offset: number, path: string) {
  for (let length = HEADER_READ;; length *= 4) {
    const bytes = new Uint8Array(length);
    const there = offset >= 0 ? readAt(file, offset, bytes) : 0;
    try {
      const reader = new CompactReader(bytes.subarray(0, there));
      const fields = reader.struct();
      const number = (name: number) => {
        const value = fields.get(name);
        return typeof value === "number" ? value : 0;
      };
      const counts = [5, 7, 8].map((name) => {
        const page = fields.get(name);
        const count = page instanceof Map ? page.get(1) : 0;
        return typeof count === "number" ? count : 0;
      });
      return {
        uncompressed: number(2),
        compressed: number(3),
        values: counts.find((count) => count !== 0) ?? 0,
        length: reader.at,
      };
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      if (there === length && length < MOST_HEADER) continue; // it may go on
      throw new DataError(`Cannot read ${path} as Parquet: no page starts at byte ${offset}`, {
        cause,
      });
    }
  }
}

/** Reads Thrift's compact protocol. @throws {RangeError} beyond its bytes, or on what no header has. */
class CompactReader {
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  struct(depth = 0): Struct {
    if (depth > MOST_DEPTH) throw new RangeError("structs in structs");
    const fields: Struct = new Map();
    for (let name = 0;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const step = head >> 4;
      name = step === 0 ? this.#zigzag() : name + step;
      const value = this.#value(head & 15, depth);
      if (value !== undefined) fields.set(name, value);
    }
  }

  #value(type: number, depth: number): number | Struct | undefined {
    if (type === 1 || type === 2) return undefined; // true, false
    if (type === 3) return void this.#byte();
    if (type >= 4 && type <= 6) return this.#zigzag();
    if (type === 7) return void this.#skip(8); // a double
    if (type === 8) return void this.#skip(this.#varint()); // bytes
    if (type === 12) return this.struct(depth + 1);
    throw new RangeError(`a value of type ${type}`);
  }

  #byte(): number {
    return this.#view.getUint8(this.at++);
  }

  #skip(count: number): void {
    this.at += count;
    if (this.at > this.#view.byteLength) throw new RangeError("cut short");
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError("a number of more than 64 bits");
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
