/** The end of packing: indices, checksums, statistics, and what the manifest says of the source. */
import { createHash } from "node:crypto";
import type { AtomicFolder } from "./atomic_folder.ts";
import { type FitOptions, storedSize } from "./fit.ts";
import { encodeIndex, type RecordPlace, type Size } from "./index_file.ts";
import type { Manifest, SplitManifest, SplitName, Store } from "./manifest.ts";
import type { Kept, Packed } from "./packing.ts";
import type { ClassCount, PrepareResult } from "./prepare_options.ts";
import type { Candidate, Scan } from "./scan.ts";
import { PixelSums } from "./statistics.ts";

/** Writes the indices, and says what the manifest does of each split. */
export function writeIndices(
  folder: AtomicFolder,
  { kept, shards }: Packed,
  { classes, store }: { readonly classes: number; readonly store: Store },
): Manifest["splits"] {
  const splits: Partial<Record<SplitName, SplitManifest>> = {};
  for (const [split, entries] of shards) {
    const images = kept.filter((image) => image.split === split);
    const file = `${split}-index.bin`;
    const index = indexOf(images, store.kind === "jpeg" ? placesIn(images, entries) : undefined);
    folder.writeFile(file, index);
    splits[split] = {
      count: images.length,
      perClass: perClassOf(images, classes),
      index: { file, bytes: index.length, sha256: sha256Of(index) },
      shards: [...entries],
    };
  }
  return splits;
}

/** Where records lie once they are in order: ends in their shards. */
function placesIn(
  images: readonly Kept[],
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

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The index of images. */
export function indexOf(
  images: readonly Candidate[],
  places?: readonly RecordPlace[],
): Uint8Array<ArrayBuffer> {
  const samples = images.map(({ path, label, header: { width, height } }) => {
    return { path, label, width, height };
  });
  return encodeIndex(samples, places);
}

/** How many of the images have each label. */
export function perClassOf(images: readonly Candidate[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { label } of images) if (label >= 0) counts[label]!++;
  return counts;
}

/** What to warn of once the sources are listed. */
export function warningsOf({ warnings, empty }: Scan): string[] {
  return [...warnings, ...empty.map((name) => `class "${name}" has no image`)];
}

/** Of the training images; of the first split where there are none. */
export function statisticsOf(
  kept: readonly Kept[],
  fitting: FitOptions,
): Manifest["statistics"] {
  const { split } = kept[0]!; // they are sorted by split
  const sums = new PixelSums();
  for (const image of kept) {
    if (image.split !== split) continue;
    const { width, height } = storedSize(image.header, fitting);
    sums.add(image.sums, width * height);
  }
  return { split, ...sums.statistics() };
}

/** The digest covers path and content of every packed image, sorted by path, so not how they are split. */
export function sourceOf(kept: readonly Kept[], { ignored }: Scan): Manifest["source"] {
  const hash = createHash("sha256");
  const sorted = [...kept].sort((a, b) => a.path < b.path ? -1 : 1);
  for (const { path, sha256 } of sorted) hash.update(`${path}\0`).update(sha256);
  const bytes = kept.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  return { images: kept.length, bytes, ignored, sha256: hash.digest("hex") };
}

export function countsOf(
  splits: CountsBySplit,
): PrepareResult["splits"] {
  return Object.fromEntries(Object.entries(splits).map(([name, split]) => [name, split!.count]));
}

export function bytesOf(splits: Manifest["splits"]): number {
  const files = Object.values(splits).flatMap((split) => [split!.index, ...split!.shards]);
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Images of a split. */
export interface Counts {
  readonly count: number;
  /** Of each label. */
  readonly perClass?: readonly number[] | undefined;
}

type CountsBySplit = { readonly [split in SplitName]?: Counts | undefined };

/** Images of each class, in the order of the labels, and of none. */
export function balanceOf(
  classes: readonly string[],
  splits: CountsBySplit,
): readonly ClassCount[] {
  const countBy = (pick: (split: Counts) => number): ClassCount["splits"] => {
    return Object.fromEntries(Object.entries(splits).map(([name, split]) => [name, pick(split!)]));
  };
  const labelled = classes.map((name, label) => {
    return { name, splits: countBy(({ perClass }) => perClass?.[label] ?? 0) };
  });
  const rest = countBy(({ count, perClass = [] }) => count - perClass.reduce((a, b) => a + b, 0));
  const unlabelled = Object.values(rest).some((count) => count > 0);
  return unlabelled ? [...labelled, { name: null, splits: rest }] : labelled;
}

/** Whether what is packed of an image is smaller than the size on a side, and not enlarged. */
export function isSmaller(original: Size, fitting: FitOptions): boolean {
  const { width, height } = storedSize(original, fitting);
  return Math.min(width, height) < fitting.size;
}
