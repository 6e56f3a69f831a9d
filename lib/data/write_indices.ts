/** The indices at the end of packing, of a new dataset or of one that grows. */
import { createHash } from "node:crypto";
import type { AtomicFolder } from "./atomic_folder.ts";
import type { Candidates } from "./candidates.ts";
import { readIndex } from "./check_split.ts";
import type { List } from "./column.ts";
import { type Index, indexPieces, type RecordPlaces, type Samples } from "./index_file.ts";
import type { Manifest, SplitManifest, SplitName, Store } from "./manifest.ts";
import { SPLITS } from "./manifest.ts";
import type { Packed } from "./packing.ts";
import type { PlacedRecord } from "./shard_writer.ts";
import { perClassOf } from "./summary.ts";

/** Splits that there are already. */
export type BaseSplits = ReadonlyMap<
  SplitName,
  { readonly facts: SplitManifest; readonly index: Index }
>;

/** Reads the indices of a dataset. @throws {DataError} if one is damaged. */
export function readBase(folder: string, manifest: Manifest): BaseSplits {
  return new Map(SPLITS.flatMap((name) => {
    const facts = manifest.splits[name];
    if (facts === undefined) return [];
    return [[name, { facts, index: readIndex(folder, manifest, facts) }] as const];
  }));
}

/** What there was, and what all has in common. */
export interface IndexOptions {
  /** Splits to which the images are appended. */
  readonly base?: BaseSplits;
  /** Number of classes. */
  readonly classes: number;
  readonly store: Store;
}

/**
 * Writes a whole index of every split that has new images, under a name that no other has, and says what the manifest does of
 * all splits.
 */
export function writeIndices(
  folder: AtomicFolder,
  { kept, shards }: Packed,
  { base = new Map(), classes, store }: IndexOptions,
): Manifest["splits"] {
  const splits: Partial<Record<SplitName, SplitManifest>> = {};
  for (const split of SPLITS) {
    const old = base.get(split);
    const entries = shards.get(split);
    if (entries === undefined) {
      if (old !== undefined) splits[split] = old.facts;
      continue;
    }
    const samples = samplesAfter(old?.index, samplesOf(kept.candidates, kept.of(split)));
    const places = store.kind === "jpeg"
      ? placesAfter(old?.index.encoded, placesIn(kept.recordsOf(split), entries))
      : undefined;
    const file = indexName(split, old?.facts.index.file);
    const digest = createHash("sha256");
    let bytes = 0;
    const pieces = function* () {
      for (const piece of indexPieces(samples, places)) {
        digest.update(piece);
        bytes += piece.length;
        yield piece;
      }
    };
    folder.writeFile(file, pieces());
    splits[split] = {
      count: samples.length,
      perClass: perClassOf(samples, classes),
      index: { file, bytes, sha256: digest.digest("hex") },
      shards: [...old?.facts.shards ?? [], ...entries],
    };
  }
  return splits;
}

/** What an index has of candidates. */
export function samplesOf(candidates: Candidates, numbers: Uint32Array): Samples {
  return {
    length: numbers.length,
    label: (i) => candidates.label(numbers[i]!),
    width: (i) => candidates.width(numbers[i]!),
    height: (i) => candidates.height(numbers[i]!),
    path: (i) => candidates.pathBytes(numbers[i]!),
  };
}

/** The samples of an index, and more after them. */
export function samplesAfter(index: Index | undefined, second: Samples): Samples {
  if (index === undefined) return second;
  const { count, labels, widths, heights } = index;
  return {
    length: count + second.length,
    label: (i) => i < count ? labels[i]! : second.label(i - count),
    width: (i) => i < count ? widths[i]! : second.width(i - count),
    height: (i) => i < count ? heights[i]! : second.height(i - count),
    path: (i) => i < count ? index.pathBytes(i) : second.path(i - count),
  };
}

/** The name after an index's name. */
function indexName(split: SplitName, old: string | undefined): string {
  if (old === undefined) return `${split}-index.bin`;
  const number = Number(/-index-(\d+)\.bin$/.exec(old)?.[1] ?? 0) + 1;
  return `${split}-index-${String(number).padStart(5, "0")}.bin`;
}

/** Where records lie once they are in order: ends in their shards. */
function placesIn(
  records: List<PlacedRecord>,
  shards: readonly { readonly records: number }[],
): RecordPlaces {
  const ends = new Uint32Array(records.length);
  const crcs = new Uint32Array(records.length);
  let i = 0;
  for (const { records: count } of shards) {
    let end = 0;
    for (const last = i + count; i < last; i++) {
      const { length, crc } = records.at(i)!;
      ends[i] = end += length;
      crcs[i] = crc;
    }
  }
  return { ends, crcs };
}

/** Where the records of an index lie, and more after them. */
function placesAfter(first: RecordPlaces | null | undefined, second: RecordPlaces): RecordPlaces {
  const both = (a: Uint32Array, b: Uint32Array) => {
    const all = new Uint32Array(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  if (!first) return second;
  return { ends: both(first.ends, second.ends), crcs: both(first.crcs, second.crcs) };
}
