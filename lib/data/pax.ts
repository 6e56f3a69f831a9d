/** Attributes of the entries of a tar, as POSIX has them: a record each, `length name=value\n`, of which `length` counts the bytes of all. */

/** Those that say something of an entry which its header may not. */
export interface PaxAttributes {
  readonly path?: string;
  /** In bytes. */
  readonly size?: number;
}

/** Most bytes that a record's length and the space after it may take. */
const MOST_LENGTH = 12;

const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/**
 * Reads them from what follows a header of type `x` or `g`. Values may hold ends of lines, so that a record's length alone says
 * where it ends.
 *
 * @throws {Error} if one is damaged.
 */
export function paxAttributes(bytes: Uint8Array): PaxAttributes {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let found: PaxAttributes = {};
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const start = decoder.decode(bytes.subarray(at, at + MOST_LENGTH));
    const [head, digits] = /^(\d+) /.exec(start) ?? ["", ""];
    const end = at + Number(digits);
    const record = bytes.subarray(at + head.length, end - 1);
    const equals = record.indexOf(EQUALS);
    if (digits === "" || end > bytes.length || bytes[end - 1] !== NEWLINE || equals < 1) {
      throw new Error("attributes of an entry are damaged");
    }
    const name = decoder.decode(record.subarray(0, equals));
    const value = () => decoder.decode(record.subarray(equals + 1));
    if (name === "path") found = { ...found, path: value() };
    else if (name === "size") found = { ...found, size: sizeOf(value()) };
    at = end;
  }
  return found;
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(size)) return size;
  throw new Error(`attributes of an entry say that it has ${text} bytes`);
}
