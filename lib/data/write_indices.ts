/** The indices at the end of packing, of a new dataset or of one that grows. */
import { createHash } from "node:crypto";
import type { AtomicFolder } from "./atomic_folder.ts";
import type { Candidates } from "./candidates.ts";
import { readIndex } from "./check_split.ts";
import type { List } from "./column.ts";
import { type Index, indexPieces, type RecordPlace, type Samples } from "./index_file.ts";
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
    const places = {
      *[Symbol.iterator]() {
        if (old !== undefined) yield* placesOf(old.index);
        yield* placesIn(kept.recordsOf(split), entries);
      },
    };
    const file = indexName(split, old?.facts.index.file);
    const digest = createHash("sha256");
    let bytes = 0;
    const pieces = function* () {
      for (const piece of indexPieces(samples, store.kind === "jpeg" ? places : undefined)) {
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

/** What an index has of candidates. Their paths are made where they are asked for. */
export function samplesOf(candidates: Candidates, numbers: Uint32Array): Samples {
  return {
    length: numbers.length,
    *[Symbol.iterator]() {
      for (const i of numbers) {
        const { width, height } = candidates.header(i);
        const label = candidates.label(i);
        yield {
          get path() {
            return candidates.path(i);
          },
          label,
          width,
          height,
        };
      }
    },
  };
}

/** The samples of an index, and more after them. */
export function samplesAfter(index: Index | undefined, second: Samples): Samples {
  if (index === undefined) return second;
  const first = samplesIn(index);
  return {
    length: first.length + second.length,
    *[Symbol.iterator]() {
      yield* first;
      yield* second;
    },
  };
}

/** The name after an index's name. */
function indexName(split: SplitName, old: string | undefined): string {
  if (old === undefined) return `${split}-index.bin`;
  const number = Number(/-index-(\d+)\.bin$/.exec(old)?.[1] ?? 0) + 1;
  return `${split}-index-${String(number).padStart(5, "0")}.bin`;
}

/** Where records lie once they are in order: ends in their shards. */
function* placesIn(
  records: List<PlacedRecord>,
  shards: readonly { readonly records: number }[],
): Generator<RecordPlace> {
  let next = 0;
  for (const { records: count } of shards) {
    let end = 0;
    for (const last = next + count; next < last; next++) {
      const { length, crc } = records.at(next)!;
      yield { end: end += length, crc };
    }
  }
}

function samplesIn({ count, labels, widths, heights, path }: Index): Samples {
  return {
    length: count,
    *[Symbol.iterator]() {
      for (let i = 0; i < count; i++) {
        const [label, width, height] = [labels[i]!, widths[i]!, heights[i]!];
        yield {
          get path() {
            return path(i);
          },
          label,
          width,
          height,
        };
      }
    },
  };
}

function* placesOf({ count, encoded }: Index): Generator<RecordPlace> {
  if (encoded === null) return;
  for (let i = 0; i < count; i++) yield { end: encoded.ends[i]!, crc: encoded.crcs[i]! };
}
