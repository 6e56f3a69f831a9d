/** The 64 bytes that every binary file of a packed dataset starts with; docs/dataset-format.md. */
import { DataError } from "./error.ts";

/** Version of the format that is written, and the newest that is read; those from 1 on are read. */
export const FORMAT_VERSION = 2;

/** Bytes of a header. */
export const HEADER_BYTES = 64;

/** First eight bytes of each kind of file, ASCII. */
export const MAGIC = { shard: "CCMIMSHD", index: "CCMIMIDX" } as const;

/** How a shard's records are kept, at the number that its header has for it. */
export const STORES = ["raw", "jpeg"] as const;

/** Kind of binary file. */
export type FileKind = keyof typeof MAGIC;

/**
 * What each kind says after the file size: unsigned 32-bit numbers, in this order from byte 24. The last of each came with
 * version 2; before it is 0.
 */
const FIELDS = {
  shard: ["width", "height", "channels", "records", "first", "store"],
  index: ["samples", "pathBytes", "columns"],
} as const;

const FIELDS_AT = 24;

/** The numbers in a header of kind `K`. */
export type Header<K extends FileKind> = Readonly<Record<(typeof FIELDS)[K][number], number>>;

/** The header of a file of `fileBytes` bytes in all. */
export function encodeHeader<K extends FileKind>(
  kind: K,
  fileBytes: number,
  fields: Header<K>,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC[kind]));
  view.setUint32(8, FORMAT_VERSION, true);
  view.setUint32(12, HEADER_BYTES, true);
  view.setBigUint64(16, BigInt(fileBytes), true);
  const names: readonly (keyof Header<K>)[] = FIELDS[kind];
  names.forEach((name, i) => view.setUint32(FIELDS_AT + 4 * i, fields[name], true));
  return bytes;
}

/**
 * Reads the header of a file that has `fileBytes` bytes.
 *
 * @param file name for messages.
 * @throws {DataError} if it is not of this kind, is newer, or states another size.
 */
export function decodeHeader<K extends FileKind>(
  kind: K,
  bytes: Uint8Array,
  { file, fileBytes }: { readonly file: string; readonly fileBytes: number },
): Header<K> {
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  if (bytes.length < HEADER_BYTES || magic !== MAGIC[kind]) {
    throw new DataError(
      `Cannot read ${file} as a dataset's ${kind}: it does not start with ${MAGIC[kind]}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  checkVersion(view.getUint32(8, true), file);
  const stated = Number(view.getBigUint64(16, true));
  if (stated !== fileBytes) {
    throw new DataError(
      `Cannot read ${file}: it has ${fileBytes} bytes, its header says ${stated}; copy or prepare it again`,
    );
  }
  const names: readonly (keyof Header<K>)[] = FIELDS[kind];
  const pairs = names.map((name, i) => [name, view.getUint32(FIELDS_AT + 4 * i, true)]);
  const used = FIELDS_AT + 4 * names.length;
  const rest = bytes.subarray(used, HEADER_BYTES);
  if (view.getUint32(12, true) !== HEADER_BYTES || rest.some((byte) => byte !== 0)) {
    throw new DataError(`Cannot read ${file}: its header is damaged; copy or prepare it again`);
  }
  return Object.fromEntries(pairs) as Header<K>;
}

/** @throws {DataError} if `version` is not one that can be read. */
export function checkVersion(version: number, file: string): void {
  if (version >= 1 && version <= FORMAT_VERSION) return;
  throw new DataError(
    version > FORMAT_VERSION
      ? `Cannot read ${file}: its format version ${version} is newer than ${FORMAT_VERSION}, the newest that this ccmim reads; use a newer ccmim`
      : `Cannot read ${file}: there is no format version ${version}`,
  );
}
