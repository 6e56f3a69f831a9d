/**
 * The members of a zip archive that are stored as they are, which is how `torch.save` writes (APPNOTE.TXT 6.3.10,
 * zip64 included). Only the directory at the end is read; a member is a range of the file.
 */
import { DataError, readAt } from "../data/mod.ts";

/** A member: its bytes are `from <= i < to` of the file. */
export interface ZipMember {
  readonly from: number;
  readonly to: number;
  /** CRC-32 of its bytes. */
  readonly crc: number;
}

/** Signatures, little-endian. */
const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const END_64 = 0x06064b50, LOCATOR_64 = 0x07064b50;

/** Sizes of the fixed parts. */
const LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, LOCATOR_BYTES = 20, END_64_BYTES = 56;

/** Longest comment after the end. */
const MAX_COMMENT = 0xffff;
/** Longest directory that is read: some hundred thousand members. */
const MAX_DIRECTORY = 32 << 20;
/** A 32-bit field that is in the zip64 record instead. */
const ELSEWHERE = 0xffffffff;

/** Where the directory lies. */
interface Directory {
  readonly from: number;
  readonly bytes: number;
  readonly members: number;
}

/**
 * The members of the archive by name.
 *
 * @throws {DataError} if it is damaged, a member is compressed or encrypted, or two have one name or lie over each other.
 */
export function readZipMembers(file: Deno.FsFile, path: string): Map<string, ZipMember> {
  const { size } = file.statSync();
  const fail = (what: string) => new DataError(`Cannot read ${path} as a zip archive: ${what}`);
  const read = (offset: number, bytes: number): DataView => {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + bytes > size) {
      throw fail(`bytes ${offset} to ${offset + bytes} are wanted of ${size}`);
    }
    const target = new Uint8Array(bytes);
    if (readAt(file, offset, target) < bytes) throw fail("it became shorter");
    return new DataView(target.buffer);
  };
  const directory = findDirectory(size, read, fail);
  if (directory.bytes > MAX_DIRECTORY) {
    throw fail(`its directory of ${directory.bytes} bytes is longer than ${MAX_DIRECTORY}`);
  }
  const members = new Map<string, ZipMember>();
  const view = read(directory.from, directory.bytes);
  let at = 0;
  for (let i = 0; i < directory.members; i++) {
    const { name, member, next } = readEntry(view, at, { read, fail, end: directory.from });
    if (members.has(name)) throw fail(`it has "${name}" twice`);
    members.set(name, member);
    at = next;
  }
  refuseOverlaps(members, fail);
  return members;
}

type Read = (offset: number, bytes: number) => DataView;
type Fail = (what: string) => DataError;

function findDirectory(size: number, read: Read, fail: Fail): Directory {
  const tail = Math.min(size, END_BYTES + MAX_COMMENT);
  const view = read(size - tail, tail);
  for (let at = tail - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== tail) continue; // within a comment
    const members = view.getUint16(at + 10, true);
    const bytes = view.getUint32(at + 12, true);
    const from = view.getUint32(at + 16, true);
    const end = size - tail + at;
    const locator = end >= LOCATOR_BYTES ? read(end - LOCATOR_BYTES, LOCATOR_BYTES) : null;
    if (locator?.getUint32(0, true) !== LOCATOR_64) return { from, bytes, members };
    const record = read(Number(locator.getBigUint64(8, true)), END_64_BYTES);
    if (record.getUint32(0, true) !== END_64) {
      throw fail("its zip64 record is not where it must be");
    }
    return {
      members: Number(record.getBigUint64(32, true)),
      bytes: Number(record.getBigUint64(40, true)),
      from: Number(record.getBigUint64(48, true)),
    };
  }
  throw fail("it has no end record; it is no zip archive, or was cut");
}

/** The entry of the directory at `at`, and where the next begins. */
function readEntry(
  view: DataView,
  at: number,
  { read, fail, end }: { readonly read: Read; readonly fail: Fail; readonly end: number },
): { name: string; member: ZipMember; next: number } {
  if (at + CENTRAL_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL) {
    throw fail("its directory is damaged");
  }
  const u16 = (offset: number) => view.getUint16(at + offset, true);
  const u32 = (offset: number) => view.getUint32(at + offset, true);
  const extraFrom = at + CENTRAL_BYTES + u16(28);
  const next = extraFrom + u16(30) + u16(32);
  if (next > view.byteLength) throw fail("its directory is damaged");
  const nameBytes = new Uint8Array(view.buffer, at + CENTRAL_BYTES, u16(28));
  const name = new TextDecoder().decode(nameBytes);
  if ((u16(8) & 1) !== 0) throw fail(`"${name}" is encrypted`);
  if (u16(10) !== 0) {
    throw fail(`"${name}" is compressed, and torch.save never does that`);
  }
  const wide = wideFields(view, extraFrom, extraFrom + u16(30));
  const field = (narrow: number) => narrow === ELSEWHERE ? wide() : narrow;
  const [full, stored, local] = [field(u32(24)), field(u32(20)), field(u32(42))] as const;
  if (full === null || stored === null || local === null || full !== stored) {
    throw fail(`the sizes of "${name}" do not fit together`);
  }
  const header = read(local, LOCAL_BYTES);
  if (header.getUint32(0, true) !== LOCAL) throw fail(`"${name}" is not where it must be`);
  const from = local + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const to = from + full;
  if (to > end) throw fail(`"${name}" ends at ${to}, and its members end at ${end}`);
  return { name, member: { from, to, crc: u32(16) }, next };
}

/** Reads the 64-bit numbers of the zip64 extra field one after another; null when there is none left. */
function wideFields(view: DataView, from: number, to: number): () => number | null {
  for (let at = from; at + 4 <= to;) {
    const bytes = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let next = at + 4;
      const end = Math.min(next + bytes, to);
      return () => {
        next += 8;
        return next <= end ? Number(view.getBigUint64(next - 8, true)) : null;
      };
    }
    at += 4 + bytes;
  }
  return () => null;
}

function refuseOverlaps(members: ReadonlyMap<string, ZipMember>, fail: Fail): void {
  const sorted = [...members].sort(([, a], [, b]) => a.from - b.from || a.to - b.to);
  for (const [i, [name, { from }]] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined && before[1].to > from) {
      throw fail(`"${before[0]}" and "${name}" lie over each other`);
    }
  }
}
