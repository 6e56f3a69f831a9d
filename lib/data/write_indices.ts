/** The indices at the end of packing, of a new dataset or of one that grows. */
import { createHash } from "node:crypto";
import type { AtomicFolder } from "./atomic_folder.ts";
import { readIndex } from "./check_split.ts";
import { encodeIndex, type Index, type RecordPlace, type Sample } from "./index_file.ts";
import type { Manifest, SplitManifest, SplitName, Store } from "./manifest.ts";
import { SPLITS } from "./manifest.ts";
import type { Packed } from "./packing.ts";
import type { Candidate } from "./scan.ts";
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
    const images = kept.of(split);
    const records = kept.recordsOf(split);
    const samples = [...old === undefined ? [] : samplesIn(old.index), ...images.map(sampleOf)];
    const places = [...old === undefined ? [] : placesOf(old.index), ...placesIn(records, entries)];
    const bytes = encodeIndex(samples, store.kind === "jpeg" ? places : undefined);
    const file = indexName(split, old?.facts.index.file);
    folder.writeFile(file, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    splits[split] = {
      count: samples.length,
      perClass: perClassOf(samples, classes),
      index: { file, bytes: bytes.length, sha256 },
      shards: [...old?.facts.shards ?? [], ...entries],
    };
  }
  return splits;
}

/** What an index has of an image. */
export function sampleOf({ path, label, header: { width, height } }: Candidate): Sample {
  return { path, label, width, height };
}

/** The name after an index's name. */
function indexName(split: SplitName, old: string | undefined): string {
  if (old === undefined) return `${split}-index.bin`;
  const number = Number(/-index-(\d+)\.bin$/.exec(old)?.[1] ?? 0) + 1;
  return `${split}-index-${String(number).padStart(5, "0")}.bin`;
}

/** Where records lie once they are in order: ends in their shards. */
function placesIn(
  images: readonly PlacedRecord[],
  shards: readonly { readonly records: number }[],
): RecordPlace[] {
  const places: RecordPlace[] = [];
  for (const { records } of shards) {
    let end = 0;
    for (const { length, crc } of images.slice(places.length, places.length + records)) {
      places.push({ end: end += length, crc });
    }
  }
  return places;
}

function samplesIn({ count, labels, widths, heights, path }: Index): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    return { path: path(i), label: labels[i]!, width: widths[i]!, height: heights[i]! };
  });
}

function placesOf({ encoded }: Index): RecordPlace[] {
  if (encoded === null) return [];
  return Array.from(encoded.ends, (end, i) => ({ end, crc: encoded.crcs[i]! }));
}
