/** Files as a careless disk or an attacker leaves them: damage that follows from a seed alone. */
import { random, type Stream } from "../../lib/tensor/mod.ts";

/** An input: files by their path in its folder. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What is known of a format. */
export interface Dialect {
  /** Texts that mean something there. */
  readonly tokens?: readonly string[];
  /** Mends checksums, so that damage gets past them; used on half of the inputs. */
  readonly mend?: (bytes: Uint8Array) => void;
}

/** Most pieces of damage that an input gets. */
const MOST_DAMAGE = 6;

/** Most bytes that are put in at once. */
const MOST_INSERTED = 64;

/** How much of a file's start and end are its head and its foot, where most structure is. */
const HEAD = 256;

/** Numbers at the edges of their types. */
const EDGES: readonly bigint[] = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
];

/** Numbers as texts say them. */
const NUMBERS = [
  "0",
  "-1",
  "1e999",
  "4294967296",
  "2147483647",
  "9007199254740993",
  "99999999999999999999",
  "0.5",
  "NaN",
];

/** Texts that readers of texts have stumbled over. */
const TOKENS = [
  "../",
  "/etc/passwd",
  "\0",
  "\ufeff",
  "\r\n",
  '"',
  "\\",
  "{",
  "}",
  "[".repeat(4000),
  "null",
  "__proto__",
  "constructor",
  "%s",
];

/** Input `number` of a seed: one of the valid ones, damaged. The same arguments give the same bytes. */
export function mutated(
  valid: readonly Files[],
  { tokens = [], mend }: Dialect,
  { seed, number }: { readonly seed: number; readonly number: number },
): Files {
  const stream = random({ seed, purpose: "draw", sample: number });
  const files = new Map(pick(stream, valid));
  const names = [...files.keys()];
  const times = 1 + stream.below(1 + stream.below(MOST_DAMAGE)); // most often few
  const words = [...TOKENS, ...tokens];
  for (let i = 0; i < times; i++) {
    const name = pick(stream, names);
    if (names.length > 1 && stream.below(100) === 0) files.delete(name);
    const bytes = files.get(name);
    if (bytes === undefined) continue;
    const other = pick(stream, valid).get(name) ?? bytes;
    files.set(name, pick(stream, DAMAGE)(bytes, stream, { words, other }));
  }
  if (mend !== undefined && stream.below(2) === 0) {
    for (const [name, bytes] of files) {
      const copy = bytes.slice();
      mend(copy);
      files.set(name, copy);
    }
  }
  return files;
}

interface Material {
  readonly words: readonly string[];
  /** The same file of another valid input. */
  readonly other: Uint8Array;
}

type Damage = (bytes: Uint8Array, stream: Stream, material: Material) => Uint8Array;

const flipBit: Damage = (bytes, stream) =>
  changed(bytes, (copy) => {
    const at = place(stream, copy.length);
    copy[at]! ^= 1 << stream.below(8);
  });

const setByte: Damage = (bytes, stream) =>
  changed(bytes, (copy) => {
    copy[place(stream, copy.length)] = stream.below(256);
  });

/** A number at the edge of its type, or one off from the file's length. */
const setNumber: Damage = (bytes, stream) =>
  changed(bytes, (copy) => {
    const width = pick(stream, [2, 4, 4, 8]);
    const at = place(stream, copy.length - width + 1);
    if (copy.length < width) return;
    const near = BigInt(copy.length) + BigInt(stream.below(3) - 1);
    const value = stream.below(4) === 0 ? near : pick(stream, EDGES);
    const isLittle = stream.below(2) === 0;
    for (let i = 0; i < width; i++) {
      const shift = 8n * BigInt(isLittle ? i : width - 1 - i);
      copy[at + i] = Number((value >> shift) & 0xffn);
    }
  });

const truncate: Damage = (bytes, stream) => bytes.slice(0, place(stream, bytes.length + 1));

const remove: Damage = (bytes, stream) => {
  const { from, to } = range(stream, bytes.length);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
};

const repeat: Damage = (bytes, stream) => {
  const { from, to } = range(stream, bytes.length);
  return joined(bytes.subarray(0, to), bytes.subarray(from));
};

const insert: Damage = (bytes, stream) => {
  const at = place(stream, bytes.length + 1);
  const random = Uint8Array.from(
    { length: 1 + stream.below(MOST_INSERTED) },
    () => stream.below(256),
  );
  return joined(bytes.subarray(0, at), random, bytes.subarray(at));
};

const blank: Damage = (bytes, stream) =>
  changed(bytes, (copy) => {
    const { from, to } = range(stream, copy.length);
    copy.fill(pick(stream, [0, 0xff, 0x20]), from, to);
  });

const splice: Damage = (bytes, stream, { other }) => {
  const at = place(stream, Math.min(bytes.length, other.length) + 1);
  return joined(bytes.subarray(0, at), other.subarray(at));
};

const putWord: Damage = (bytes, stream, { words }) => {
  const word = new TextEncoder().encode(pick(stream, words));
  const at = place(stream, bytes.length + 1);
  const over = stream.below(2) === 0 ? word.length : 0;
  return joined(bytes.subarray(0, at), word, bytes.subarray(at + over));
};

/** Another number in the place of one that is written in digits. */
const putNumber: Damage = (bytes, stream) => {
  const from = place(stream, bytes.length);
  let at = from;
  while (at < bytes.length && !isDigit(bytes[at]!)) at++;
  let to = at;
  while (to < bytes.length && isDigit(bytes[to]!)) to++;
  const number = new TextEncoder().encode(pick(stream, NUMBERS));
  return joined(bytes.subarray(0, at), number, bytes.subarray(to));
};

const DAMAGE: readonly Damage[] = [
  flipBit,
  flipBit,
  setByte,
  setNumber,
  setNumber,
  setNumber,
  truncate,
  remove,
  repeat,
  insert,
  blank,
  splice,
  putWord,
  putNumber,
  putNumber,
];

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) change(copy);
  return copy;
}

/** A place in `length` bytes: anywhere, or near the start or the end. */
function place(stream: Stream, length: number): number {
  if (length <= 0) return 0;
  const near = Math.min(length, HEAD);
  const where = stream.below(4);
  if (where === 0) return stream.below(length);
  if (where === 1) return length - 1 - stream.below(near);
  return stream.below(near);
}

/** A range in `length` bytes, most often a short one. */
function range(stream: Stream, length: number): { from: number; to: number } {
  const from = place(stream, length);
  const most = stream.below(4) === 0 ? length : MOST_INSERTED;
  return { from, to: Math.min(length, from + 1 + stream.below(Math.max(1, most))) };
}

function pick<T>(stream: Stream, list: readonly T[]): T {
  return list[stream.below(list.length)]!;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
