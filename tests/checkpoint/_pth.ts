/** Files of torch.save made by hand: a writer of pickles, instruction by instruction, and one of zip archives. */
import { crc32 } from "node:zlib";

/** Bytes of a pickle, or of a part of one. */
export type Code = readonly number[];

const encode = (text: string): number[] => [...new TextEncoder().encode(text)];
const uint32 = (n: number): number[] => [n & 255, n >>> 8 & 255, n >>> 16 & 255, n >>> 24];

/** A text. */
export const text = (
  value: string,
): Code => [0x58, ...uint32(encode(value).length), ...encode(value)];
/** A whole number of up to 31 bits. */
export const int = (value: number): Code => [0x4a, ...uint32(value)];
/** A whole number of any size, in 8 bytes. */
export const long = (value: bigint): Code => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return [0x8a, 8, ...bytes];
};
/** A tuple. */
export const tuple = (...values: Code[]): Code => [0x28, ...values.flat(), 0x74];
/** A name: what a hostile pickle calls. */
export const global = (
  module: string,
  name: string,
): Code => [0x63, ...encode(`${module}\n${name}\n`)];
/** A call. */
export const call = (what: Code, ...args: Code[]): Code => [...what, ...tuple(...args), 0x52];
/** A dictionary. */
export const dict = (entries: Readonly<Record<string, Code>>): Code => {
  return [0x7d, 0x28, ...Object.entries(entries).flatMap(([k, v]) => [...text(k), ...v]), 0x75];
};
/** A whole pickle. */
export const pickle = (value: Code): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([0x80, 2].concat(value, 0x2e));

/** What {@linkcode tensor} is given. */
export interface TensorOptions {
  readonly key?: string;
  readonly type?: string;
  readonly elements?: number;
  readonly offset?: number;
  readonly strides?: readonly number[];
}

/** A tensor as torch.save describes it; row-major and the whole storage unless said otherwise. */
export function tensor(shape: readonly number[], options: TensorOptions = {}): Code {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const { key = "0", type = "FloatStorage", elements = size, offset = 0 } = options;
  const strides = options.strides ??
    shape.map((_, i) => shape.slice(i + 1).reduce((product, axis) => product * axis, 1));
  const id = tuple(text("storage"), global("torch", type), text(key), text("cpu"), int(elements));
  const storage = [...id, 0x51];
  const hooks = call(global("collections", "OrderedDict"));
  const axes = (list: readonly number[]) => tuple(...list.map((axis) => long(BigInt(axis))));
  const rebuild = global("torch._utils", "_rebuild_tensor_v2");
  return call(rebuild, storage, int(offset), axes(shape), axes(strides), [0x89], hooks);
}

/** How an archive is written; what is left out is as it must be. */
export interface ZipOptions {
  readonly method?: number;
  readonly flags?: number;
  readonly zip64?: boolean;
  /** Moves where the directory says that members are. */
  readonly shift?: number;
  readonly crc?: number;
}

/** An archive of stored members. */
export function zip(
  members: readonly (readonly [name: string, data: Uint8Array])[],
  { method = 0, flags = 0, zip64 = false, shift = 0, crc }: ZipOptions = {},
): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  const directory: number[] = [];
  const u16 = (n: number) => [n & 255, n >> 8];
  const u64 = (n: number) => [...uint32(n), ...uint32(0)];
  for (const [name, data] of members) {
    const sum = crc ?? crc32(data);
    const head = [...u16(45), ...u16(flags), ...u16(method), 0, 0, 0, 0, ...uint32(sum)];
    const wide = zip64
      ? [1, 0, 24, 0, ...u64(data.length), ...u64(data.length), ...u64(out.length + shift)]
      : [];
    const sizes = zip64
      ? [...uint32(-1), ...uint32(-1)]
      : [...uint32(data.length), ...uint32(data.length)];
    const place = zip64 ? uint32(-1) : uint32(out.length + shift);
    const lengths = (extra: number) => [...u16(encode(name).length), ...u16(extra)];
    directory.push(...uint32(0x02014b50), ...u16(45), ...head, ...sizes, ...lengths(wide.length));
    directory.push(
      ...u16(0),
      ...u16(0),
      ...u16(0),
      ...uint32(0),
      ...place,
      ...encode(name),
      ...wide,
    );
    out.push(...uint32(0x04034b50), ...head, ...sizes, ...lengths(0), ...encode(name), ...data);
  }
  const from = out.length;
  out.push(...directory);
  const count = members.length;
  if (zip64) {
    const record = out.length;
    out.push(...uint32(0x06064b50), ...u64(44), ...u16(45), ...u16(45), ...uint32(0), ...uint32(0));
    out.push(...u64(count), ...u64(count), ...u64(directory.length), ...u64(from));
    out.push(...uint32(0x07064b50), ...uint32(0), ...u64(record), ...uint32(1));
  }
  out.push(...uint32(0x06054b50), ...u16(0), ...u16(0), ...u16(count), ...u16(count));
  out.push(...uint32(directory.length), ...uint32(from), ...u16(0));
  return Uint8Array.from(out);
}

/** float32 numbers as bytes. */
export const floats = (...values: number[]): Uint8Array<ArrayBuffer> => {
  return new Uint8Array(Float32Array.from(values).buffer);
};

/** The members of a file of torch.save: a pickle and storages by their keys. */
export function members(
  value: Code,
  storages: Readonly<Record<string, Uint8Array>>,
): (readonly [string, Uint8Array])[] {
  return [
    ["x/data.pkl", pickle(value)],
    ["x/byteorder", new TextEncoder().encode("little")],
    ...Object.entries(storages).map(([key, data]) => [`x/data/${key}`, data] as const),
  ];
}
