/** Writing the records of one split; docs/dataset-format.md. */
import { crc32 } from "node:zlib";
import { isFile } from "../files/mod.ts";
import type { List } from "./column.ts";
import { encodeHeader, HEADER_BYTES, STORES } from "./header.ts";
import type { SplitManifest, Store } from "./manifest.ts";
import { readAt, writeAt } from "./positioned.ts";
import { RunWriter } from "./run_writer.ts";

/** A shard as the manifest lists it. */
export type ShardEntry = SplitManifest["shards"][number];

/** What is written where. */
export interface ShardOptions {
  readonly folder: string;
  /** Start of the files' names. */
  readonly split: string;
  /** Width and height of a record. */
  readonly size: number;
  readonly store: Store["kind"];
  /** Records in every shard but the last. */
  readonly perShard: number;
  /** Number of the first shard, and of the first sample in it; 0 unless given. */
  readonly begin?: { readonly shard: number; readonly sample: number };
}

/** Where a record lies until the shards are finished. */
export interface WrittenRecord {
  /** In its shard, counted from the first record. */
  readonly at: number;
  readonly length: number;
  /** CRC-32 of one that is encoded, which an index lists; else 0. */
  readonly crc: number;
}

/** A record and the place for which it was written. */
export interface PlacedRecord extends WrittenRecord {
  readonly place: number;
}

/** Remembers which shards are finished, so that an interrupted writer can go on. */
export interface FinishedShards {
  finished(file: string): ShardEntry | undefined;
  /** The shard is on the disk, under its own name or under it with `.new`. */
  finish(shard: ShardEntry): void;
}

/** Who hashes the shards. */
export interface Hashing {
  /** SHA-256 of a file as hexadecimal digits. */
  hash(file: string): Promise<string>;
  /** How many at once. */
  readonly ahead: number;
}

/** One file while it is written. */
interface Part {
  readonly file: Deno.FsFile;
  /** Bytes of records so far. */
  end: number;
}

/** End of the name of a shard that will take its part's name. */
const NEW = ".new";
const COPY_BYTES = 1 << 20;

/**
 * Records of one split, written in any order and each into the shard that it would be in if none were left out. At the end
 * they are put in order and the gaps closed, so that sample i is record i whatever was left out.
 */
export class ShardWriter implements Disposable {
  readonly #options: ShardOptions;
  readonly #recordBytes: number;
  readonly #parts = new Map<number, Part>();
  readonly #runs = new RunWriter();

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#recordBytes = options.size ** 2 * 3;
  }

  /**
   * Writes the record of place `i`, at the latest when `endRun` is called: until then its bytes must stay as they are.
   *
   * @throws {RangeError} if its shard gets larger than 4 GiB.
   */
  write(i: number, record: Uint8Array): WrittenRecord {
    const { perShard, store } = this.#options;
    const number = Math.floor(i / perShard);
    const part = this.#part(number);
    const at = store === "raw" ? (i % perShard) * this.#recordBytes : part.end;
    if (store !== "raw" && at + record.length >= 2 ** 32) {
      throw new RangeError(
        `Cannot keep ${perShard} records in ${this.#name(number)}: 4 GiB is all`,
      );
    }
    this.#runs.write(part.file, HEADER_BYTES + at, record);
    part.end = Math.max(part.end, at + record.length);
    return { at, length: record.length, crc: store === "raw" ? 0 : crc32(record) };
  }

  /** Says that an earlier writer wrote this record. */
  restore({ place, at, length }: PlacedRecord): void {
    const part = this.#part(Math.floor(place / this.#options.perShard));
    part.end = Math.max(part.end, at + length);
  }

  /** Waits until all that was written is on the disk. */
  async sync(): Promise<void> {
    this.endRun();
    await Promise.all([...this.#parts.values()].map(({ file }) => file.sync()));
  }

  /**
   * Puts the records in order, writes the headers, syncs and closes the files.
   *
   * @param records those that are kept, by ascending place.
   * @param hashing of the files; while some are hashed, the next is written.
   * @returns the shards as the manifest lists them.
   */
  async finish(
    records: List<PlacedRecord>,
    memory: FinishedShards,
    { hash, ahead }: Hashing,
  ): Promise<ShardEntry[]> {
    const { folder, perShard } = this.#options;
    this.endRun();
    const shards: ShardEntry[] = [];
    const underWay: Promise<ShardEntry>[] = [];
    const takeOldest = async () => {
      const number = shards.length;
      const path = `${folder}/${this.#name(number)}`;
      const shard = (await underWay.shift())!;
      if (memory.finished(shard.file) === undefined) memory.finish(shard);
      if (isFile(`${path}${NEW}`)) { // all that the part held is in shards up to this one
        this.#close(number);
        Deno.renameSync(`${path}${NEW}`, path);
      }
      shards.push(shard);
    };
    for (let first = 0; first < records.length; first += perShard) {
      const number = first / perShard;
      const known = memory.finished(this.#name(number));
      const shard = known === undefined
        ? this.#writeOne(number, slice(records, first, first + perShard), hash)
        : Promise.resolve(known);
      shard.catch(() => {}); // it is looked at later, in order
      underWay.push(shard);
      if (underWay.length >= ahead) await takeOldest();
    }
    while (underWay.length > 0) await takeOldest();
    for (const number of [...this.#parts.keys()]) {
      this.#close(number);
      if (number >= shards.length) Deno.removeSync(`${folder}/${this.#name(number)}`);
    }
    return shards;
  }

  [Symbol.dispose](): void {
    for (const number of [...this.#parts.keys()]) this.#close(number);
  }

  /** Writes what is still to be written. `sync` and `finish` do it, too. */
  endRun(): void {
    this.#runs.end();
  }

  /** Writes a shard where its records are in place, else under another name; what is awaited is its hash alone. */
  async #writeOne(
    number: number,
    records: List<PlacedRecord>,
    hash: Hashing["hash"],
  ): Promise<ShardEntry> {
    const { folder, perShard } = this.#options;
    const name = this.#name(number);
    let [end, isInPlace] = [0, true];
    for (const { place, at, length } of each(records)) {
      isInPlace &&= Math.floor(place / perShard) === number && at === end;
      end += length;
    }
    let path = `${folder}/${name}`;
    if (isInPlace) {
      this.#complete(this.#part(number).file, number, { length: records.length, bytes: end });
    } else {
      path += NEW;
      using file = Deno.openSync(path, { create: true, truncate: true, write: true });
      let to = HEADER_BYTES;
      for (const record of each(records)) {
        this.#copy(record, file, to);
        to += record.length;
      }
      this.#complete(file, number, { length: records.length, bytes: end });
    }
    const { size: bytes } = Deno.statSync(path);
    return { file: name, bytes, sha256: await hash(path), records: records.length };
  }

  #complete(file: Deno.FsFile, number: number, records: { length: number; bytes: number }): void {
    const { size, store, perShard, begin = { shard: 0, sample: 0 } } = this.#options;
    const bytes = HEADER_BYTES + records.bytes;
    file.truncateSync(bytes);
    const header = encodeHeader("shard", bytes, {
      width: size,
      height: size,
      channels: 3,
      records: records.length,
      first: begin.sample + number * perShard,
      store: STORES.indexOf(store),
    });
    writeAt(file, 0, header);
    file.syncSync();
  }

  #copy({ place, at, length }: PlacedRecord, to: Deno.FsFile, offset: number): void {
    const { file } = this.#part(Math.floor(place / this.#options.perShard));
    const buffer = new Uint8Array(Math.min(length, COPY_BYTES));
    for (let done = 0; done < length; done += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, length - done));
      readAt(file, HEADER_BYTES + at + done, piece);
      writeAt(to, offset + done, piece);
    }
  }

  #name(number: number): string {
    const { split, begin } = this.#options;
    return `${split}-${String(number + (begin?.shard ?? 0)).padStart(5, "0")}.bin`;
  }

  #part(number: number): Part {
    const open = this.#parts.get(number);
    if (open !== undefined) return open;
    const path = `${this.#options.folder}/${this.#name(number)}`;
    const file = Deno.openSync(path, { create: true, read: true, write: true });
    const part = { file, end: 0 };
    this.#parts.set(number, part);
    return part;
  }

  #close(number: number): void {
    this.#parts.get(number)?.file.close();
    this.#parts.delete(number);
  }
}

/** Whether a finished shard is where it was left: under its own name, or under it with `.new`. */
export function isLeft(folder: string, { file, bytes }: ShardEntry): boolean {
  return ["", NEW].some((end) => {
    const path = `${folder}/${file}${end}`;
    return isFile(path) && Deno.statSync(path).size === bytes;
  });
}

/** Some elements of a list; `end` may lie after its last. */
function slice<T>(list: List<T>, begin: number, end: number): List<T> {
  return { length: Math.min(end, list.length) - begin, at: (i) => list.at(begin + i) };
}

function* each<T>(list: List<T>): Generator<T> {
  for (let i = 0; i < list.length; i++) yield list.at(i)!;
}
