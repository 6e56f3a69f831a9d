/** The shards of a split, opened when they are read. */
import { DataError } from "./error.ts";
import { HEADER_BYTES } from "./header.ts";
import type { SplitManifest } from "./manifest.ts";
import { readAt } from "./positioned.ts";

/** How many shards are open at once. */
const MOST_OPEN = 64;

/** Where a sample lies. */
export interface SamplePlace {
  /** Number of its shard. */
  readonly shard: number;
  /** Its rank in the shard. */
  readonly rank: number;
}

/** Shards by number; a limited number of them is open. */
export class OpenShards implements Disposable {
  /** First sample of each shard. */
  readonly #firsts: readonly number[];
  /** The one used last at the end. */
  readonly #open = new Map<number, Deno.FsFile>();

  constructor(readonly folder: string, readonly shards: SplitManifest["shards"]) {
    let first = 0;
    this.#firsts = shards.map(({ records }) => (first += records) - records);
  }

  /** Where sample `i` lies, which must be one of the split's. */
  placeOf(i: number): SamplePlace {
    const firsts = this.#firsts;
    let [low, high] = [0, firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firsts[middle]! <= i) low = middle;
      else high = middle - 1;
    }
    return { shard: low, rank: i - firsts[low]! };
  }

  /**
   * Fills `target` with what a shard holds from a place on, counted from its first record.
   *
   * @param sample for messages.
   * @throws {DataError} if it ends too early.
   */
  read(sample: number, shard: number, from: number, target: Uint8Array): void {
    if (readAt(this.#file(shard), HEADER_BYTES + from, target) < target.length) {
      throw new DataError(
        `Cannot read sample ${sample}: ${this.shards[shard]!.file} ends too early`,
      );
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

  #file(shard: number): Deno.FsFile {
    let file = this.#open.get(shard);
    if (file === undefined) {
      file = this.#openAgain(shard);
      const oldest = this.#open.keys().next();
      if (this.#open.size >= MOST_OPEN && !oldest.done) {
        this.#open.get(oldest.value)!.close();
        this.#open.delete(oldest.value);
      }
    } else {
      this.#open.delete(shard);
    }
    this.#open.set(shard, file);
    return file;
  }

  /** A shard was there when the split was opened, but that may be days ago. */
  #openAgain(shard: number): Deno.FsFile {
    const { file, bytes } = this.shards[shard]!;
    const path = `${this.folder}/${file}`;
    let opened: Deno.FsFile;
    try {
      opened = Deno.openSync(path);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw cause;
      throw new DataError(`Cannot read ${path}: it was there when the dataset was opened`, {
        cause,
      });
    }
    const { size } = opened.statSync();
    if (size === bytes) return opened;
    opened.close();
    throw new DataError(
      `Cannot read ${path}: it has ${size} bytes, and had ${bytes} when the dataset was opened`,
    );
  }
}
