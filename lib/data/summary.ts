/** The end of packing: indices, checksums, statistics, and what the manifest says of the source. */
import { createHash } from "node:crypto";
import type { AtomicFolder } from "./atomic_folder.ts";
import { type FitOptions, storedSize } from "./fit.ts";
import { encodeIndex, type Size } from "./index_file.ts";
import { type Manifest, type SplitManifest, type SplitName, SPLITS } from "./manifest.ts";
import type { PackedImage } from "./pack.ts";
import type { ClassCount, PrepareResult } from "./prepare_options.ts";
import type { Candidate, Scan } from "./scan.ts";
import type { ShardWriter } from "./shard_writer.ts";
import { PixelSums } from "./statistics.ts";

/** An image with all that is known of it. */
export type Kept = Candidate & PackedImage;

/** Ends the shards and writes the indices. */
export function writeSplits(
  folder: AtomicFolder,
  kept: readonly Kept[],
  { writers, classes }: {
    readonly writers: ReadonlyMap<SplitName, ShardWriter>;
    readonly classes: number;
  },
): Manifest["splits"] {
  const splits: Partial<Record<SplitName, SplitManifest>> = {};
  for (const split of SPLITS) {
    const images = kept.filter((image) => image.split === split);
    if (images.length === 0) continue;
    const shards = writers.get(split)!.finish(images.map(({ place }) => place));
    const file = `${split}-index.bin`;
    const index = indexOf(images);
    folder.writeFile(file, index);
    const sha256 = createHash("sha256").update(index).digest("hex");
    splits[split] = {
      count: images.length,
      perClass: perClassOf(images, classes),
      index: { file, bytes: index.length, sha256 },
      shards,
    };
  }
  return splits;
}

/** The index of images. */
export function indexOf(images: readonly Candidate[]): Uint8Array<ArrayBuffer> {
  return encodeIndex(images.map(({ path, label, header: { width, height } }) => {
    return { path, label, width, height };
  }));
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
