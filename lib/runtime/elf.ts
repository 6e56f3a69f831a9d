/** The dynamic section of a 64-bit ELF library: what it is called and what it wants. */

/** What a shared library says to the loader. */
export interface DynamicSection {
  /** Name that others ask for it by (`DT_SONAME`), or null. */
  readonly soname: string | null;
  /** Names of the libraries that must be loaded with it (`DT_NEEDED`), in order. */
  readonly needed: readonly string[];
}

const MAGIC = 0x464c457f; // 0x7f "ELF"
const SHARED_OBJECT = 3;
/** `p_type` of a program header. */
const PT = { load: 1, dynamic: 2 } as const;
/** `d_tag` of a dynamic entry. */
const DT = { end: 0, needed: 1, strings: 5, stringBytes: 10, soname: 14 } as const;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

/**
 * Reads the dynamic section of the library at `path`: a few kilobytes, whatever its size.
 *
 * @throws {SyntaxError} if it is no 64-bit little-endian shared library, or is cut short.
 */
export function readDynamicSection(path: string): DynamicSection {
  using file = Deno.openSync(path);
  const size = file.statSync().size;
  const wrong = (what: string) => new SyntaxError(`Cannot read ${path} as a library: ${what}`);
  const read = (offset: number, bytes: number): DataView => {
    if (offset + bytes > size) {
      throw wrong(`it is cut short at ${size} bytes, and goes on to ${offset + bytes}`);
    }
    return readAt(file, offset, bytes);
  };

  if (size < 64) throw wrong(`it has ${size} bytes, less than an ELF header`);
  const header = read(0, 64);
  if (header.getUint32(0, true) !== MAGIC) throw wrong("it is not an ELF file");
  const is64 = header.getUint8(4) === 2, isLittleEndian = header.getUint8(5) === 1;
  if (!is64 || !isLittleEndian || header.getUint16(16, true) !== SHARED_OBJECT) {
    throw wrong("it is not a 64-bit little-endian shared library");
  }
  const sections = whole(header, 40) + header.getUint16(58, true) * header.getUint16(60, true);
  if (sections > size) throw wrong(`it is cut short at ${size} bytes, and goes on to ${sections}`);

  const segments = readSegments(header, read);
  for (const { type, offset, bytes } of segments) {
    if (type === PT.load && offset + bytes > size) read(offset, bytes);
  }
  const dynamic = segments.find(({ type }) => type === PT.dynamic);
  if (dynamic === undefined) throw wrong("it has no dynamic section");
  const entries = readEntries(read(dynamic.offset, dynamic.bytes));
  const strings = entries.get(DT.strings)?.[0], bytes = entries.get(DT.stringBytes)?.[0];
  const place = segments.find(({ type, address, bytes }) =>
    type === PT.load && strings !== undefined && address <= strings && strings < address + bytes
  );
  if (strings === undefined || bytes === undefined || place === undefined) {
    throw wrong("its dynamic section has no strings");
  }
  const table = read(strings - place.address + place.offset, bytes);
  const names = (tag: number) => (entries.get(tag) ?? []).map((offset) => textAt(table, offset));
  return { soname: names(DT.soname)[0] ?? null, needed: names(DT.needed) };
}

/**
 * True if the file is there, and a library of which nothing is cut off.
 *
 * @example
 * ```ts
 * import { isWholeLibrary, libraryPath } from "./mod.ts";
 *
 * console.assert(isWholeLibrary(libraryPath()));
 * ```
 */
export function isWholeLibrary(path: string): boolean {
  try {
    readDynamicSection(path);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function readSegments(header: DataView, read: (offset: number, bytes: number) => DataView) {
  const start = whole(header, 32);
  const size = header.getUint16(54, true), count = header.getUint16(56, true);
  return Array.from({ length: count }, (_, i): Segment => {
    const row = read(start + i * size, 56);
    return {
      type: row.getUint32(0, true),
      offset: whole(row, 8),
      address: whole(row, 16),
      bytes: whole(row, 32),
    };
  });
}

/** Tag -> values, in order. */
function readEntries(section: DataView): Map<number, number[]> {
  const entries = new Map<number, number[]>();
  for (let offset = 0; offset + 16 <= section.byteLength; offset += 16) {
    const tag = Number(section.getBigInt64(offset, true));
    if (tag === DT.end) break;
    entries.set(tag, [...entries.get(tag) ?? [], whole(section, offset + 8)]);
  }
  return entries;
}

function whole(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

/** The text at `offset` of a table of NUL-terminated strings. */
function textAt(table: DataView, offset: number): string {
  const bytes = new Uint8Array(table.buffer).subarray(offset);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function readAt(file: Deno.FsFile, offset: number, bytes: number): DataView {
  const buffer = new Uint8Array(bytes);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes;) {
    const count = file.readSync(buffer.subarray(done));
    if (count === null) throw new SyntaxError("Cannot read a library: it shrank meanwhile");
    done += count;
  }
  return new DataView(buffer.buffer);
}
