/** What is known of packed images, in columns: as objects, those of a million images would take most of the memory. */
import type { PackedImage } from "./pack.ts";
import type { SplitName } from "./manifest.ts";
import type { Candidate } from "./scan.ts";
import type { PlacedRecord } from "./shard_writer.ts";

const SHA256_BYTES = 32;
/** Sums of three channels and of their squares. */
const SUMS = 6;

/** What became of each candidate. */
export class PackedImages {
  readonly #there: Uint8Array;
  readonly #place: Uint32Array;
  readonly #at: Float64Array;
  readonly #length: Uint32Array;
  readonly #crc: Uint32Array;
  readonly #fileBytes: Float64Array;
  readonly #sha256: Uint8Array;
  readonly #sums: Float64Array;

  /** @param count number of candidates, none of them packed so far. */
  constructor(count: number) {
    this.#there = new Uint8Array(count);
    this.#place = new Uint32Array(count);
    this.#at = new Float64Array(count);
    this.#length = new Uint32Array(count);
    this.#crc = new Uint32Array(count);
    this.#fileBytes = new Float64Array(count);
    this.#sha256 = new Uint8Array(count * SHA256_BYTES);
    this.#sums = new Float64Array(count * SUMS);
  }

  /** Says that candidate `i` is packed. */
  set(i: number, image: PackedImage): void {
    this.#there[i] = 1;
    this.#place[i] = image.place;
    this.#at[i] = image.at;
    this.#length[i] = image.length;
    this.#crc[i] = image.crc;
    this.#fileBytes[i] = image.fileBytes;
    this.#sha256.set(image.sha256, i * SHA256_BYTES);
    this.#sums.set(image.sums, i * SUMS);
  }

  /** Whether candidate `i` is packed; if not, it is bad. */
  has(i: number): boolean {
    return this.#there[i] === 1;
  }

  /** Where the record of candidate `i` lies. */
  record(i: number): PlacedRecord {
    return {
      place: this.#place[i]!,
      at: this.#at[i]!,
      length: this.#length[i]!,
      crc: this.#crc[i]!,
    };
  }

  /** All of candidate `i`. */
  get(i: number): PackedImage {
    return {
      ...this.record(i),
      fileBytes: this.#fileBytes[i]!,
      sha256: this.#sha256.subarray(i * SHA256_BYTES, (i + 1) * SHA256_BYTES),
      sums: [...this.#sums.subarray(i * SUMS, (i + 1) * SUMS)],
    };
  }
}

/** An image with all that is known of it. */
export type Kept = Candidate & PackedImage;

/** The candidates that were packed. */
export class KeptImages implements Iterable<Kept> {
  readonly length: number;
  readonly #candidates: readonly Candidate[];
  readonly #packed: PackedImages;

  /** @param candidates by split, then path. */
  constructor(candidates: readonly Candidate[], packed: PackedImages) {
    this.#candidates = candidates;
    this.#packed = packed;
    this.length = candidates.reduce((sum, _, i) => sum + (packed.has(i) ? 1 : 0), 0);
  }

  /** In the candidates' order, each made anew. */
  *[Symbol.iterator](): Generator<Kept> {
    for (const i of this.#numbers()) yield this.#kept(i);
  }

  /** By path alone, whatever the split. */
  *byPath(): Generator<Kept> {
    const path = (i: number) => this.#candidates[i]!.path;
    const sorted = Uint32Array.from(this.#numbers()).sort((a, b) => path(a) < path(b) ? -1 : 1);
    for (const i of sorted) yield this.#kept(i);
  }

  /** Candidates of a split. */
  of(split: SplitName): Candidate[] {
    return Array.from(this.#numbers(split), (i) => this.#candidates[i]!);
  }

  /** Their records, in the same order. */
  recordsOf(split: SplitName): PlacedRecord[] {
    return Array.from(this.#numbers(split), (i) => this.#packed.record(i));
  }

  /** The first split of which there are any. */
  get firstSplit(): SplitName | undefined {
    for (const i of this.#numbers()) return this.#candidates[i]!.split;
    return undefined;
  }

  *#numbers(split?: SplitName): Generator<number> {
    for (const [i, candidate] of this.#candidates.entries()) {
      if (this.#packed.has(i) && (split === undefined || candidate.split === split)) yield i;
    }
  }

  #kept(i: number): Kept {
    return { ...this.#candidates[i]!, ...this.#packed.get(i) };
  }
}
