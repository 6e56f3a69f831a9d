/** What is known of packed images, in columns: as objects, those of a million images would take most of the memory. */
import type { Candidates } from "./candidates.ts";
import type { List } from "./column.ts";
import { SHA256_BYTES, SUMS } from "./decode_reply.ts";
import type { SplitName } from "./manifest.ts";
import type { PackedImage } from "./pack.ts";
import type { PlacedRecord, WrittenRecord } from "./shard_writer.ts";

/** What is known of a candidate: nothing, that it is packed, or that an earlier run has packed it, if its file is the same. */
const STATE = { none: 0, packed: 1, noted: 2 } as const;

/** What became of each candidate. */
export class PackedImages {
  readonly #state: Uint8Array;
  readonly #at: Float64Array;
  readonly #length: Uint32Array;
  readonly #crc: Uint32Array;
  readonly #fileBytes: Float64Array;
  readonly #sha256: Uint8Array;
  /** Only of what an earlier run has packed. */
  #sums = new Float64Array();

  /** @param count number of candidates, none of them packed so far. */
  constructor(readonly count: number) {
    this.#state = new Uint8Array(count);
    this.#at = new Float64Array(count);
    this.#length = new Uint32Array(count);
    this.#crc = new Uint32Array(count);
    this.#fileBytes = new Float64Array(count);
    this.#sha256 = new Uint8Array(count * SHA256_BYTES);
  }

  /** Says that candidate `i` is packed. Its sums are not kept. */
  set(i: number, image: PackedImage): void {
    this.#state[i] = STATE.packed;
    this.#at[i] = image.at;
    this.#length[i] = image.length;
    this.#crc[i] = image.crc;
    this.#fileBytes[i] = image.fileBytes;
    this.#sha256.set(image.sha256, i * SHA256_BYTES);
  }

  /** Says that an earlier run has packed candidate `i`. */
  note(i: number, image: PackedImage): void {
    this.set(i, image);
    this.#state[i] = STATE.noted;
    if (this.#sums.length === 0) this.#sums = new Float64Array(this.count * SUMS);
    this.#sums.set(image.sums, i * SUMS);
  }

  /** Whether candidate `i` is packed; if not, it is bad, or its turn has not come. */
  has(i: number): boolean {
    return this.#state[i] === STATE.packed;
  }

  /** Numbers of those that an earlier run has packed and this one has not seen. */
  *noted(): Generator<number> {
    for (let i = 0; i < this.count; i++) if (this.#state[i] === STATE.noted) yield i;
  }

  /** What an earlier run has packed as candidate `i`, if it has. */
  notedImage(i: number): PackedImage | undefined {
    if (this.#state[i] !== STATE.noted) return undefined;
    const sums = [...this.#sums.subarray(i * SUMS, (i + 1) * SUMS)];
    return { ...this.record(i), ...this.file(i), sums };
  }

  /** Where the record of candidate `i` lies. */
  record(i: number): WrittenRecord {
    return { at: this.#at[i]!, length: this.#length[i]!, crc: this.#crc[i]! };
  }

  /** SHA-256 and size of the file of candidate `i`. */
  file(i: number): Pick<PackedImage, "sha256" | "fileBytes"> {
    const sha256 = this.#sha256.subarray(i * SHA256_BYTES, (i + 1) * SHA256_BYTES);
    return { sha256, fileBytes: this.#fileBytes[i]! };
  }
}

/** The candidates that were packed, by number. */
export class KeptImages {
  readonly #packed: PackedImages;
  /** By split, then path. */
  readonly #numbers: Uint32Array;

  constructor(readonly candidates: Candidates, packed: PackedImages) {
    this.#packed = packed;
    let count = 0;
    for (let i = 0; i < candidates.length; i++) if (packed.has(i)) count++;
    this.#numbers = new Uint32Array(count);
    for (let i = 0, at = 0; at < count; i++) if (packed.has(i)) this.#numbers[at++] = i;
  }

  get length(): number {
    return this.#numbers.length;
  }

  /** Those of a split, by path; of all splits, by split and path. */
  of(split?: SplitName): Uint32Array {
    if (split === undefined) return this.#numbers;
    const { begin, end } = this.candidates.range(split);
    return this.#numbers.subarray(this.#rank(begin), this.#rank(end));
  }

  /** By path alone, whatever the split. */
  *byPath(): Generator<number> {
    const rests = (["train", "val", "test"] as const).map((split) => ({
      own: this.of(split),
      at: 0,
    }));
    const before = (a: number, b: number) => this.candidates.compare(a, b) < 0;
    for (let done = 0; done < this.length; done++) {
      const first = rests.filter(({ own, at }) => at < own.length).reduce((a, b) =>
        before(b.own[b.at]!, a.own[a.at]!) ? b : a
      );
      yield first.own[first.at++]!;
    }
  }

  /** SHA-256 and size of the file of a candidate. */
  file(i: number): ReturnType<PackedImages["file"]> {
    return this.#packed.file(i);
  }

  /** Records of a split, by place. */
  recordsOf(split: SplitName): List<PlacedRecord> {
    const numbers = this.of(split);
    const at = (i: number): PlacedRecord => {
      const number = numbers[i]!;
      return { place: this.candidates.place(number), ...this.#packed.record(number) };
    };
    return { length: numbers.length, at };
  }

  /** How many kept candidates have a smaller number. */
  #rank(number: number): number {
    let [low, high] = [0, this.#numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[middle]! < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
