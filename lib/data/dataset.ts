/** Reading a packed dataset; docs/dataset-format.md. */
import { createHash } from "node:crypto";
import { DataError } from "./error.ts";
import { decodeManifest, MANIFEST, type Manifest, type SplitName, SPLITS } from "./manifest.ts";
import { readNamed, sha256OfFile } from "./named_file.ts";
import { Split } from "./split.ts";

export type { Split };

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

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens the packed dataset in `folder`: reads the manifest and the indices whole, and checks the header and
 * the size of every shard. Pixels are read, one record at a time, when they are asked for.
 *
 * @throws {DataError} if it is not a dataset, is newer, or is damaged.
 *
 * @example
 * ```ts
 * import { openDataset } from "./mod.ts";
 *
 * using dataset = openDataset("dataset");
 * const { size, classes } = dataset.manifest;
 * console.log(`${size} pixels a side, ${classes.length} classes, splits ${dataset.splits}`);
 * ```
 */
export function openDataset(folder: string): Dataset {
  const file = `${folder}/${MANIFEST}`;
  const bytes = readNamed(file, `Cannot open ${folder} as a packed dataset`);
  const digest = createHash("sha256").update(bytes).digest("hex");
  return new Dataset(folder, decodeManifest(bytes, file), digest);
}
