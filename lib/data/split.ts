/** One split of a packed dataset that is open for reading. */
import { checkShards, readIndex } from "./check_split.ts";
import { packedPart, storedSize } from "./fit.ts";
import type { Index, Size } from "./index_file.ts";
import { JpegRecords } from "./jpeg_records.ts";
import type { Manifest, SplitName } from "./manifest.ts";
import { OpenShards } from "./open_shards.ts";

/** Samples of one split: 0 .. count-1, sorted by path; what was appended later comes after that. */
export class Split implements Disposable {
  /** Images. */
  readonly count: number;
  /** Bytes of a record: size x size x 3. */
  readonly recordBytes: number;
  /** Label of each sample: position in the manifest's classes, -1 = unlabelled. */
  readonly labels: Int32Array;
  readonly #manifest: Manifest;
  readonly #index: Index;
  readonly #shards: OpenShards;
  /** Null: records are kept as they are. */
  readonly #jpegs: JpegRecords | null;

  /** Opens the split `name` of the dataset in `folder`. @throws {DataError} if a file cannot be read */
  constructor(folder: string, manifest: Manifest, readonly name: SplitName) {
    const split = manifest.splits[name]!;
    this.#manifest = manifest;
    this.#index = readIndex(folder, manifest, split);
    this.#shards = new OpenShards(folder, split.shards);
    const { encoded } = this.#index;
    this.#jpegs = encoded === null ? null : new JpegRecords(this.#shards, encoded);
    this.count = split.count;
    this.recordBytes = manifest.record.bytes;
    this.labels = this.#index.labels;
    checkShards(folder, manifest, { split, index: this.#index });
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
   * Reads the record of sample `i` (uint8 [size, size, 3]) into `target`, decoding it if it is kept as a JPEG.
   *
   * @throws {RangeError} if there is no such sample or `target` has another length.
   * @throws {DataError} if the shard ends too early, or a JPEG is damaged.
   */
  read(i: number, target: Uint8Array): void {
    this.#check(i);
    if (target.length !== this.recordBytes) {
      throw new RangeError(
        `Cannot read a record into ${target.length} bytes: it has ${this.recordBytes}`,
      );
    }
    if (this.#jpegs !== null) {
      const { size } = this.#manifest;
      return this.#jpegs.read(i, this.storedSize(i), { record: target, size });
    }
    const { shard, rank } = this.#shards.placeOf(i);
    this.#shards.read(i, shard, rank * this.recordBytes, target);
  }

  /** Closes the files; a later read opens them again. */
  close(): void {
    this.#shards.close();
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.close();
  }

  #imageSize(i: number): Size {
    this.#check(i);
    return { width: this.#index.widths[i]!, height: this.#index.heights[i]! };
  }

  #check(i: number): number {
    if (Number.isInteger(i) && i >= 0 && i < this.count) return i;
    throw new RangeError(`Cannot use ${i} as a sample of ${this.name}: it has ${this.count}`);
  }
}
