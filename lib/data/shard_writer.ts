/** Writing the records of one split; docs/dataset-format.md. */
import { encodeHeader, HEADER_BYTES } from "./header.ts";
import type { SplitManifest } from "./manifest.ts";
import { sha256OfFile } from "./named_file.ts";
import { readAt, writeAt } from "./positioned.ts";

/** What is written where. */
export interface ShardOptions {
  readonly folder: string;
  /** Start of the files' names. */
  readonly split: string;
  /** Width and height of a record. */
  readonly size: number;
  /** Records in every shard but the last. */
  readonly perShard: number;
}

/** One shard while it is written. */
interface OpenShard {
  readonly name: string;
  readonly file: Deno.FsFile;
}

/**
 * Records of one split, written in any order and each at its place. Places that stay empty are closed up at the
 * end, so that sample i is record i whatever was left out.
 */
export class ShardWriter implements Disposable {
  readonly #options: ShardOptions;
  readonly #recordBytes: number;
  readonly #shards: OpenShard[] = [];

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#recordBytes = options.size ** 2 * 3;
  }

  /** Writes the record of place `i`. */
  write(i: number, record: Uint8Array): void {
    const { file, offset } = this.#at(i);
    writeAt(file, offset, record);
  }

  /**
   * Closes the gaps, writes the headers, and syncs and closes the files.
   *
   * @param places the places that were written, ascending.
   * @returns the shards as the manifest lists them.
   */
  finish(places: readonly number[]): SplitManifest["shards"] {
    this.#closeGaps(places);
    const { folder, size, perShard } = this.#options;
    const used = Math.ceil(places.length / perShard);
    for (const { name } of this.#shards.slice(used)) Deno.removeSync(`${folder}/${name}`);
    const shards = this.#shards.slice(0, used).map(({ name, file }, i) => {
      const first = i * perShard;
      const records = Math.min(perShard, places.length - first);
      const bytes = HEADER_BYTES + records * this.#recordBytes;
      file.truncateSync(bytes);
      const fields = { width: size, height: size, channels: 3, records, first, store: 0 };
      writeAt(file, 0, encodeHeader("shard", bytes, fields));
      file.syncSync();
      const sha256 = sha256OfFile(`${folder}/${name}`);
      return { file: name, bytes, sha256, records };
    });
    this[Symbol.dispose]();
    return shards;
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#shards.splice(0)) file.close();
  }

  /** Moves every record to the place that is its rank; none moves up, so none is overwritten unread. */
  #closeGaps(places: readonly number[]): void {
    const record = new Uint8Array(this.#recordBytes);
    places.forEach((place, rank) => {
      if (place === rank) return;
      const { file, offset } = this.#at(place);
      readAt(file, offset, record);
      this.write(rank, record);
    });
  }

  #at(i: number): { file: Deno.FsFile; offset: number } {
    const { perShard } = this.#options;
    const shard = Math.floor(i / perShard);
    while (this.#shards.length <= shard) this.#shards.push(this.#create(this.#shards.length));
    const offset = HEADER_BYTES + (i % perShard) * this.#recordBytes;
    return { file: this.#shards[shard]!.file, offset };
  }

  #create(number: number): OpenShard {
    const { folder, split } = this.#options;
    const name = `${split}-${String(number).padStart(5, "0")}.bin`;
    const file = Deno.openSync(`${folder}/${name}`, { createNew: true, read: true, write: true });
    return { name, file };
  }
}
