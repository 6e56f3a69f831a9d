/** What packing images is asked, what it tells, and what it ends with. */
import type { DecoderName } from "./decoder.ts";
import type { Fit } from "./fit.ts";
import type { Manifest, SplitName, Store } from "./manifest.ts";
import type { Resampling } from "./resample.ts";
import type { BadImage } from "./scan.ts";

/** How far a run has come. */
export interface PrepareProgress {
  /** `list` reads headers, `pack` decodes and writes, `finish` computes checksums and syncs. */
  readonly phase: "list" | "pack" | "finish";
  /** Images so far in this phase, good and bad; every phase tells of its start. */
  readonly done: number;
  /** How many there are; unknown while listing. */
  readonly total?: number;
  /** Bad images so far. */
  readonly bad: number;
}

/** How to pack; all of it has defaults. */
export interface PrepareOptions {
  /** Width and height of a record. Default: the smaller of 256 and the images' median shorter side. */
  readonly size?: number;
  /** What of an image is packed: `squash` all of it, `crop` its central square. Default: squash. */
  readonly fit?: Fit;
  /** How it is resized. Default: bicubic. */
  readonly resample?: Resampling;
  /** How records are kept: as they are, or as JPEGs, which take about a ninth and are decoded while training. Default: raw. */
  readonly store?: Store["kind"];
  /** Quality of those JPEGs, 1 to 100 as libjpeg means it. Default 90. */
  readonly quality?: number;
  /** Enlarge images that are smaller than the size. Default false: they are stored at their own size. */
  readonly enlarge?: boolean;
  /** Share of the training images, between 0 and 1, that becomes the validation split. Default: none. */
  readonly valFraction?: number;
  /** Says which images those are. Default 0. */
  readonly seed?: number;
  /** Threads that decode. Default: one a processor core. */
  readonly workers?: number;
  /** Replace a dataset that is there already. Default false. */
  readonly force?: boolean;
  /** Fail on the first bad image. Default false. */
  readonly strict?: boolean;
  /** Share of bad images up to which they are skipped. Default 0.01. */
  readonly maxBad?: number;
  /** Pack at most so many images, spread evenly over the sorted paths. Default: all. */
  readonly limit?: number;
  /** Default: sharp where it loads. */
  readonly decoder?: DecoderName;
  /** Colour behind transparent pixels, `#rrggbb`. Default white. */
  readonly background?: string;
  /** Most pixels that an image may say it has. Default 268,402,689. */
  readonly maxPixels?: number;
  /** Where to write a picture of some images of every class: a PNG file, or `false` for none. Default: in the dataset's folder. */
  readonly contactSheet?: string | false;
  /** Most bytes of records in one shard. Default 256 MiB. */
  readonly shardBytes?: number;
  /** Stops the run; what is packed by then is kept beside the target for the next one. */
  readonly signal?: AbortSignal;
  /** Told of the work as it goes. */
  onProgress?(progress: PrepareProgress): void;
}

/** Images of a class. */
export interface ClassCount {
  /** `null`: the images without a label. */
  readonly name: string | null;
  /** Images in each split that the dataset has. */
  readonly splits: Readonly<Partial<Record<SplitName, number>>>;
}

/** What was packed. */
export interface PrepareResult {
  /** The dataset's folder. */
  readonly dataset: string;
  /** SHA-256 of its manifest. */
  readonly digest: string;
  /** Pixels a side of a record. */
  readonly size: number;
  /** Number of classes; 0 if there are no labels. */
  readonly classes: number;
  /** Images of each split. */
  readonly splits: Readonly<Partial<Record<SplitName, number>>>;
  /** Images of each class and split, in the order of the labels; then of none, if any is unlabelled. */
  readonly balance: readonly ClassCount[];
  /** Mean and deviation of red, green and blue over the stored pixels of a split, on a scale where 255 is 1. */
  readonly statistics: Manifest["statistics"];
  /** Whether they were appended to a dataset, whose splits and classes are counted above. */
  readonly appended: boolean;
  /** Images that were packed. */
  readonly images: number;
  /** How many of them an interrupted run had packed. */
  readonly continued: number;
  /** How many of them are smaller than the size on a side, and stored so. */
  readonly smaller: number;
  /** Images that were left out, and why. */
  readonly bad: readonly BadImage[];
  /** What may be a mistake: classes without images, links that count once. */
  readonly warnings: readonly string[];
  /** Files that are no images. */
  readonly ignored: number;
  /** The library that decoded. */
  readonly decoder: DecoderName;
  /** How records are kept. */
  readonly store: Store;
  /** The PNG file with some images of every class; `null` if none was asked for. */
  readonly contactSheet: string | null;
  /** Bytes of the dataset, without the contact sheet. */
  readonly bytes: number;
  /** Wall time of it all. */
  readonly seconds: number;
  /** Images packed over the wall time. */
  readonly imagesPerSecond: number;
}

/**
 * Refuses options that cannot be.
 *
 * @throws {RangeError} if one is out of its range.
 *
 * @example
 * ```ts
 * import { checkPrepareOptions } from "./mod.ts";
 *
 * checkPrepareOptions({ size: 96, valFraction: 0.1 });
 * ```
 */
export function checkPrepareOptions(options: PrepareOptions): void {
  const { store = "raw", quality } = options;
  const { size, valFraction, workers, maxBad, limit, shardBytes, maxPixels, background } = options;
  const counts = { size, workers, limit, shardBytes, maxPixels };
  for (const [name, value] of Object.entries(counts)) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new RangeError(`Cannot use ${value} as ${name}: it must be a whole number >= 1`);
  }
  if (valFraction !== undefined && !(valFraction > 0 && valFraction < 1)) {
    throw new RangeError(`Cannot use ${valFraction} as valFraction: it must be between 0 and 1`);
  }
  if (background !== undefined && !/^#[0-9a-f]{6}$/i.test(background)) {
    throw new RangeError(`Cannot use ${background} as background: it must be #rrggbb`);
  }
  if (quality !== undefined && store !== "jpeg") {
    throw new RangeError(`Cannot use ${quality} as quality: records are kept ${store}, not jpeg`);
  }
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new RangeError(
      `Cannot use ${quality} as quality: it must be a whole number from 1 to 100`,
    );
  }
  if (maxBad !== undefined && !(maxBad >= 0 && maxBad <= 1)) {
    throw new RangeError(`Cannot use ${maxBad} as maxBad: it must be from 0 to 1`);
  }
}
