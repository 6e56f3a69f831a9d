/** The end of packing: indices, checksums, statistics, and what the manifest says of the source. */
import { createHash } from "node:crypto";
import { type FitOptions, storedSize } from "./fit.ts";
import type { Size } from "./index_file.ts";
import { type Manifest, type SplitName, SPLITS } from "./manifest.ts";
import type { KeptImages } from "./packed_images.ts";
import type { Packed } from "./packing.ts";
import type { ClassCount, PrepareResult } from "./prepare_options.ts";
import type { Scan } from "./scan.ts";

/** How many of the images have each label. */
export function perClassOf(
  images: { readonly length: number; label(i: number): number },
  classes: number,
): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < images.length; i++) {
    const label = images.label(i);
    if (label >= 0) counts[label]!++;
  }
  return counts;
}

/** What to warn of once the sources are listed. */
export function warningsOf({ warnings, empty }: Scan): string[] {
  return [...warnings, ...empty.map((name) => `class "${name}" has no image`)];
}

/** Statistics of images, and of pixels that there are already. */
export interface KnownPixels {
  readonly statistics: Manifest["statistics"];
  readonly pixels: number;
}

/** Of the training images; of the first split where there are none. Of a dataset that grows, of what it has them of. */
export function statisticsOf(
  { kept, sums }: Pick<Packed, "kept" | "sums">,
  known?: KnownPixels,
): Manifest["statistics"] {
  const split = known?.statistics.split ?? SPLITS.find((name) => kept.of(name).length > 0)!;
  if (known !== undefined && kept.of(split).length === 0) return known.statistics;
  const own = sums.get(split)!;
  if (known !== undefined) own.addStatistics(known.statistics, known.pixels);
  return { split, ...own.statistics() };
}

/** The digest covers path and content of every packed image, sorted by path, so not how they are split. */
export function sourceOf(kept: KeptImages, { ignored }: Scan): Manifest["source"] {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const i of kept.byPath()) {
    const { sha256, fileBytes } = kept.file(i);
    hash.update(`${kept.candidates.path(i)}\0`).update(sha256);
    bytes += fileBytes;
  }
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
