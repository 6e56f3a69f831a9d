/** The header of an entry of a tar, as POSIX (ustar) and GNU have it, and as it was before either: without magic. */

/** Headers and what follows them fill whole blocks of so many bytes. */
export const BLOCK = 512;

/** Where the fields begin and end. */
const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const CHECKSUM = [148, 156] as const;
const TYPE = 156;
const MAGIC = [257, 263] as const;
const PREFIX = [345, 500] as const;

/** What POSIX headers say in place of the magic; GNU's have a space at its end, and other things where the prefix is. */
const POSIX = "ustar";

const [NUL, SPACE, ZERO, SEVEN] = [0x00, 0x20, 0x30, 0x37] as const;

/** Set in the first byte of a number that is not written as text but big-endian. */
const BINARY = 0x80;

/** What a header says by itself. */
export interface TarHeader {
  /** One character; "0" = file. */
  readonly type: string;
  readonly name: string;
  /** Bytes that follow. */
  readonly size: number;
}

/** Reads a block; `undefined` if it is damaged, or no header. */
export function tarHeader(block: Uint8Array): TarHeader | undefined {
  const size = isTar(block) ? numberIn(block, SIZE) : undefined;
  if (size === undefined) return undefined;
  const name = textIn(block, NAME);
  const prefix = textIn(block, MAGIC) === POSIX ? textIn(block, PREFIX) : "";
  return {
    type: block[TYPE] === NUL ? "0" : String.fromCharCode(block[TYPE]!),
    name: prefix === "" ? name : `${prefix}/${name}`,
    size,
  };
}

/** True if these bytes begin with the header of a tar: its checksum is right. */
export function isTar(start: Uint8Array): boolean {
  if (start.length < BLOCK) return false;
  const [begin, end] = CHECKSUM;
  let sum = (end - begin) * SPACE; // instead of the checksum itself
  for (let i = 0; i < begin; i++) sum += start[i]!;
  for (let i = end; i < BLOCK; i++) sum += start[i]!;
  return numberIn(start, CHECKSUM) === sum;
}

/** UTF-8 up to the first NUL, which a field that is full has not. */
function textIn(block: Uint8Array, [begin, end]: readonly [number, number]): string {
  let stop = begin;
  while (stop < end && block[stop] !== NUL) stop++;
  return decoder.decode(block.subarray(begin, stop));
}

const decoder = new TextDecoder();

/** Octal digits, or big-endian where there is no room for them; 0 if there are none, `undefined` if it is no number. */
function numberIn(
  block: Uint8Array,
  [begin, end]: readonly [number, number],
): number | undefined {
  const isBinary = (block[begin]! & BINARY) !== 0;
  const value = isBinary ? binary(block.subarray(begin, end)) : octal(block.subarray(begin, end));
  return Number.isSafeInteger(value) ? value : undefined;
}

function binary(bytes: Uint8Array): number {
  return bytes.reduce((value, byte, i) => value * 256 + (i === 0 ? byte & ~BINARY : byte), 0);
}

function octal(bytes: Uint8Array): number {
  let [value, at] = [0, 0];
  while (bytes[at] === SPACE) at++;
  for (; bytes[at]! >= ZERO && bytes[at]! <= SEVEN; at++) value = 8 * value + bytes[at]! - ZERO;
  const isEnd = at === bytes.length || bytes[at] === SPACE || bytes[at] === NUL;
  return isEnd ? value : NaN;
}
