/** Reading a packed dataset; docs/dataset-format.md. */
import { createHash } from "node:crypto";
import { DataError } from "./error.ts";
import { packedPart, storedSize } from "./fit.ts";
import { decodeHeader, HEADER_BYTES } from "./header.ts";
import { decodeIndex, type Index, type Size } from "./index_file.ts";
import {
  decodeManifest,
  MANIFEST,
  type Manifest,
  type SplitManifest,
  type SplitName,
  SPLITS,
} from "./manifest.ts";
import { readAt } from "./positioned.ts";

/** How many shards a split keeps open at once. */
const OPEN_SHARDS = 64;

/** Samples of one split: 0 .. count-1, sorted by path. */
export class Split implements Disposable {
  readonly count: number;
  /** Bytes of a record: size x size x 3. */
  readonly recordBytes: number;
  /** Label of each sample: position in the manifest's classes, -1 = unlabelled. */
  readonly labels: Int32Array;
  readonly #folder: string;
  readonly #manifest: Manifest;
  readonly #shards: SplitManifest["shards"];
  readonly #index: Index;
  /** Open shards by number, the one used last at the end. */
  readonly #open = new Map<number, Deno.FsFile>();

  constructor(folder: string, manifest: Manifest, readonly name: SplitName) {
    const split = manifest.splits[name]!;
    this.#folder = folder;
    this.#manifest = manifest;
    this.#shards = split.shards;
    this.#index = readIndex(folder, split, manifest.classes.length);
    this.count = split.count;
    this.recordBytes = manifest.record.bytes;
    this.labels = this.#index.labels;
    checkShards(folder, manifest, split);
  }

  /** Label of sample `i`, -1 = unlabelled. */
  label(i: number): number {
    return this.labels[this.#check(i)]!;
  }

  /** The size, before it was packed, of what the record shows: the upright image, or its central square. */
  originalSize(i: number): Size {
    const { width, height } = packedPart(this.#imageSize(i), this.#manifest.fit);
    return { width, height };
  }

  /**
   * The part of the record that holds the image, from its top left corner; the rest repeats its edge. It is smaller
   * than the record only where the image was smaller than the dataset's size and was not to be enlarged.
   */
  storedSize(i: number): Size {
    return storedSize(this.#imageSize(i), this.#manifest);
  }

  /** Where sample `i` came from: its path in the source. */
  path(i: number): string {
    return this.#index.path(this.#check(i));
  }

  /**
   * Reads the record of sample `i` (uint8 [size, size, 3]) into `target`.
   *
   * @throws {RangeError} if there is no such sample or `target` has another length.
   * @throws {DataError} if the shard ends too early.
   */
  read(i: number, target: Uint8Array): void {
    this.#check(i);
    if (target.length !== this.recordBytes) {
      throw new RangeError(
        `Cannot read a record into ${target.length} bytes: it has ${this.recordBytes}`,
      );
    }
    const { perShard } = this.#manifest.record;
    const shard = Math.floor(i / perShard);
    const file = this.#shard(shard);
    const offset = HEADER_BYTES + (i % perShard) * this.recordBytes;
    if (readAt(file, offset, target) < target.length) {
      throw new DataError(`Cannot read sample ${i}: ${this.#shards[shard]!.file} ends too early`);
    }
  }

  /** Closes the files; a later read opens them again. */
  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #imageSize(i: number): Size {
    this.#check(i);
    return { width: this.#index.widths[i]!, height: this.#index.heights[i]! };
  }

  #shard(shard: number): Deno.FsFile {
    let file = this.#open.get(shard);
    if (file === undefined) {
      file = Deno.openSync(`${this.#folder}/${this.#shards[shard]!.file}`);
      const oldest = this.#open.keys().next();
      if (this.#open.size >= OPEN_SHARDS && !oldest.done) {
        this.#open.get(oldest.value)!.close();
        this.#open.delete(oldest.value);
      }
    } else {
      this.#open.delete(shard);
    }
    this.#open.set(shard, file);
    return file;
  }

  #check(i: number): number {
    if (Number.isInteger(i) && i >= 0 && i < this.count) return i;
    throw new RangeError(`Cannot use ${i} as a sample of ${this.name}: it has ${this.count}`);
  }
}

/** A packed dataset that is open for reading. */
export class Dataset implements Disposable {
  readonly #splits: ReadonlyMap<SplitName, Split>;

  /** Use {@linkcode openDataset}. */
  constructor(
    readonly folder: string,
    readonly manifest: Manifest,
    /** SHA-256 of the manifest, which holds the checksums of everything else. */
    readonly digest: string,
  ) {
    const names = SPLITS.filter((name) => manifest.splits[name] !== undefined);
    this.#splits = new Map(names.map((name) => [name, new Split(folder, manifest, name)]));
  }

  /** Names of the splits that there are. */
  get splits(): SplitName[] {
    return [...this.#splits.keys()];
  }

  /** True if there is a split of that name. */
  has(name: SplitName): boolean {
    return this.#splits.has(name);
  }

  /** The split of that name. @throws {DataError} if the dataset has none. */
  split(name: SplitName): Split {
    const split = this.#splits.get(name);
    if (split !== undefined) return split;
    throw new DataError(
      `Cannot use split "${name}" of ${this.folder}: it has ${this.splits.join(", ")}`,
    );
  }

  /** Reads every byte and compares the checksums. @throws {DataError} naming the first file that differs. */
  verify(): void {
    for (const { index, shards } of this.splits.map((name) => this.manifest.splits[name]!)) {
      for (const { file, sha256 } of [index, ...shards]) {
        if (sha256OfFile(`${this.folder}/${file}`) === sha256) continue;
        throw new DataError(
          `Cannot use ${this.folder}: the checksum of ${file} is not the manifest's; copy or prepare it again`,
        );
      }
    }
  }

  /** Closes all files. */
  close(): void {
    for (const split of this.#splits.values()) split.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens the packed dataset in `folder`: reads the manifest and the indices whole, and checks the header and
 * the size of every shard. Pixels are read, one record at a time, when they are asked for.
 *
 * @throws {DataError} if it is not a dataset, is newer, or is damaged.
 */
export function openDataset(folder: string): Dataset {
  const file = `${folder}/${MANIFEST}`;
  const bytes = readFile(file, `Cannot open ${folder} as a packed dataset`);
  const digest = createHash("sha256").update(bytes).digest("hex");
  return new Dataset(folder, decodeManifest(bytes, file), digest);
}

/** SHA-256 of a file as hexadecimal digits. */
export function sha256OfFile(path: string): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

function readIndex(folder: string, split: SplitManifest, classes: number): Index {
  const file = `${folder}/${split.index.file}`;
  const bytes = readFile(file, `Cannot open ${folder}`);
  checkBytes(file, bytes.length, split.index.bytes);
  const index = decodeIndex(bytes, { file, classes });
  if (index.count !== split.count) {
    throw new DataError(
      `Cannot read ${file}: it has ${index.count} samples, the manifest says ${split.count}`,
    );
  }
  return index;
}

/** Compares every shard's size and header with the manifest. */
function checkShards(folder: string, manifest: Manifest, split: SplitManifest): void {
  const { size, record } = manifest;
  let first = 0;
  for (const shard of split.shards) {
    const path = `${folder}/${shard.file}`;
    using file = open(path, `Cannot open ${folder}`);
    const fileBytes = file.statSync().size;
    checkBytes(path, fileBytes, shard.bytes);
    const bytes = new Uint8Array(HEADER_BYTES);
    const count = readAt(file, 0, bytes);
    const header = decodeHeader("shard", bytes.subarray(0, count), { file: path, fileBytes });
    const records = Math.min(record.perShard, split.count - first);
    const expected = { width: size, height: size, channels: 3, records, first };
    for (const [name, value] of Object.entries(expected)) {
      const found = header[name as keyof typeof header];
      if (found === value) continue;
      throw new DataError(
        `Cannot read ${path}: ${name} is ${found} in its header, the manifest makes it ${value}`,
      );
    }
    if (shard.records !== records || fileBytes !== HEADER_BYTES + records * record.bytes) {
      throw new DataError(`Cannot read ${path}: ${fileBytes} bytes do not hold ${records} records`);
    }
    first += records;
  }
  if (first !== split.count) {
    throw new DataError(
      `Cannot open ${folder}: its shards hold ${first} samples, the manifest says ${split.count}`,
    );
  }
}

function checkBytes(file: string, bytes: number, expected: number): void {
  if (bytes === expected) return;
  throw new DataError(
    `Cannot read ${file}: it has ${bytes} bytes, the manifest says ${expected}; copy or prepare it again`,
  );
}

function readFile(path: string, message: string): Uint8Array {
  using file = open(path, message);
  const bytes = new Uint8Array(file.statSync().size);
  return bytes.subarray(0, readAt(file, 0, bytes));
}

function open(path: string, message: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(`${message}: ${path} is missing`, { cause });
  }
}
