/** Packing images from folders, tars, lists or other files into a dataset; docs/dataset-format.md. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { AtomicFolder } from "./atomic_folder.ts";
import { BadImages } from "./bad_images.ts";
import { storedSize } from "./dataset.ts";
import { DecodePool } from "./decode_pool.ts";
import { type Decoder, type DecoderName, MAX_PIXELS, openDecoder } from "./decoder.ts";
import { DataError, namedIfFull } from "./error.ts";
import { FORMAT_VERSION } from "./header.ts";
import { encodeIndex } from "./index_file.ts";
import {
  encodeManifest,
  MANIFEST,
  type Manifest,
  type SplitManifest,
  type SplitName,
  SPLITS,
} from "./manifest.ts";
import { pack, type PackedImage } from "./pack.ts";
import { type BadImage, type Candidate, medianShorterSide, type Scan, scan } from "./scan.ts";
import { ShardWriter } from "./shard_writer.ts";
import { openSources } from "./open_source.ts";
import { PixelSums } from "./statistics.ts";

/** Greatest size that is chosen when none is given. */
const DEFAULT_SIZE = 256;
/** Most bytes of records in a shard; a shard holds one record at least. */
const SHARD_BYTES = 256 * 2 ** 20;
/** Batches under way per worker: one that is decoded, one that waits, one that is written. */
const AHEAD_PER_WORKER = 3;

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
  /** Most bytes of records in one shard. Default 256 MiB. */
  readonly shardBytes?: number;
  /** Stops the run; nothing is left behind. */
  readonly signal?: AbortSignal;
  onProgress?(progress: PrepareProgress): void;
}

/** What was packed. */
export interface PrepareResult {
  /** The dataset's folder. */
  readonly dataset: string;
  /** SHA-256 of its manifest. */
  readonly digest: string;
  readonly size: number;
  readonly classes: number;
  /** Images of each split. */
  readonly splits: Readonly<Partial<Record<SplitName, number>>>;
  /** Images of all splits. */
  readonly images: number;
  /** How many of them are smaller than the size on a side, and stored so. */
  readonly smaller: number;
  readonly bad: readonly BadImage[];
  /** What may be a mistake: classes without images, links that count once. */
  readonly warnings: readonly string[];
  /** Files that are no images. */
  readonly ignored: number;
  readonly decoder: DecoderName;
  /** Bytes of the dataset. */
  readonly bytes: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

/**
 * Packs the images of `source` into the folder `target`: a folder, a tar or another file that holds or lists images
 * (docs/dataset-format.md), or several of them. The same images give the same bytes, whether they come from a folder or a tar
 * and however many threads decode them.
 *
 * @throws {DataError} if the source cannot be used, too many images are bad, or `target` exists.
 * @throws {DiskFullError} if there is no room for it.
 * @throws {RangeError} if an option is out of its range.
 */
export async function prepare(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions = {},
): Promise<PrepareResult> {
  try {
    return await prepareAll(source, target, options);
  } catch (error) {
    throw namedIfFull(error, target);
  }
}

async function prepareAll(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions,
): Promise<PrepareResult> {
  checkPrepareOptions(options);
  const began = performance.now();
  const { signal, maxBad = 0.01, strict = false, enlarge: enlarged = false } = options;
  const report = (progress: PrepareProgress) => {
    signal?.throwIfAborted();
    options.onProgress?.(progress);
  };
  const paths = typeof source === "string" ? [source] : source;
  for (const path of paths) checkApart(path, target);
  const { background = "#ffffff", maxPixels = MAX_PIXELS } = options;
  const settings = { background, maxPixels };
  const decoder = await openDecoder(options.decoder, settings);
  const sources = await openSources(paths);
  using folder = new AtomicFolder(target, options.force ? isDataset : undefined);

  report({ phase: "list", done: 0, bad: 0 });
  const found = await scan(sources, {
    ...scanOptions(options, decoder),
    maxPixels,
    onImage: (done, bad) => report({ phase: "list", done, bad }),
  });
  const total = found.candidates.length + found.bad.length;
  const bad = new BadImages(total, { maxBad, strict });
  bad.add(found.bad);
  const [empty] = found.empty;
  if (strict && empty !== undefined) {
    throw new DataError(
      `Cannot use class "${empty}": it has no image; remove it, or leave out --strict`,
    );
  }
  const noneIsGood = () => new DataError(`Cannot use ${paths.join(", ")}: no image is good`);
  if (found.candidates.length === 0) throw noneIsGood();

  const size = options.size ?? Math.min(DEFAULT_SIZE, medianShorterSide(found.candidates));
  report({ phase: "pack", done: found.bad.length, total, bad: bad.count });
  const perShard = Math.max(1, Math.floor((options.shardBytes ?? SHARD_BYTES) / (size * size * 3)));
  const workers = options.workers ?? navigator.hardwareConcurrency;
  using pool = await DecodePool.open({ decoder: decoder.name, ...settings }, workers);
  using open = new DisposableStack();
  const writers = new Map(SPLITS.map((split) => {
    return [split, open.use(new ShardWriter({ folder: folder.path, split, size, perShard }))];
  }));
  const packed = await pack(sources, found.candidates, {
    size,
    enlarged,
    pool,
    ahead: AHEAD_PER_WORKER * workers,
    writers,
    bad,
    onImages: (done) =>
      report({ phase: "pack", done: found.bad.length + done, total, bad: bad.count }),
  });

  const images = total - bad.count;
  if (images === 0) throw noneIsGood();
  report({ phase: "finish", done: 0, total: images, bad: bad.count });
  const kept = found.candidates.flatMap((candidate, i) => {
    const image = packed[i];
    return image === undefined ? [] : [{ ...candidate, ...image }];
  });
  const splits = writeSplits(folder, kept, writers);
  const manifest: Manifest = {
    format: "ccmim-dataset",
    version: FORMAT_VERSION,
    size,
    record: { dtype: "uint8", layout: "HWC", channels: "RGB", bytes: size * size * 3, perShard },
    enlarged,
    decoder: { name: decoder.name, version: decoder.version, resize: decoder.resize },
    classes: [...found.classes],
    splits,
    held: options.valFraction === undefined
      ? null
      : { fraction: options.valFraction, seed: options.seed ?? 0 },
    statistics: statisticsOf(kept, { size, enlarged }),
    source: sourceOf(kept, found),
    bad: bad.list(),
  };
  const bytes = encodeManifest(manifest);
  folder.writeFile(MANIFEST, bytes);
  report({ phase: "finish", done: images, total: images, bad: bad.count });
  folder.commit();

  const seconds = (performance.now() - began) / 1000;
  return {
    dataset: target,
    digest: createHash("sha256").update(bytes).digest("hex"),
    size,
    classes: manifest.classes.length,
    splits: countsOf(splits),
    images,
    smaller: enlarged ? 0 : kept.filter(({ header }) => isSmaller(header, size)).length,
    bad: manifest.bad,
    warnings: [...found.warnings, ...found.empty.map((name) => `class "${name}" has no image`)],
    ignored: found.ignored,
    decoder: decoder.name,
    bytes: bytes.length + bytesOf(splits),
    seconds,
    imagesPerSecond: images / seconds,
  };
}

/** An image with all that is known of it. */
type Kept = Candidate & PackedImage;

function scanOptions({ limit, valFraction, seed = 0 }: PrepareOptions, { decodes }: Decoder) {
  return {
    decodes,
    ...(limit === undefined ? {} : { limit }),
    ...(valFraction === undefined ? {} : { holdout: { fraction: valFraction, seed } }),
  };
}

/** Ends the shards and writes the indices. */
function writeSplits(
  folder: AtomicFolder,
  kept: readonly Kept[],
  writers: ReadonlyMap<SplitName, ShardWriter>,
): Manifest["splits"] {
  const splits: Partial<Record<SplitName, SplitManifest>> = {};
  for (const split of SPLITS) {
    const images = kept.filter((image) => image.split === split);
    if (images.length === 0) continue;
    const shards = writers.get(split)!.finish(images.map(({ place }) => place));
    const file = `${split}-index.bin`;
    const index = encodeIndex(images.map(({ path, label, header: { width, height } }) => {
      return { path, label, width, height };
    }));
    folder.writeFile(file, index);
    const sha256 = createHash("sha256").update(index).digest("hex");
    splits[split] = { count: images.length, index: { file, bytes: index.length, sha256 }, shards };
  }
  return splits;
}

/** Of the training images; of the first split where there are none. */
function statisticsOf(
  kept: readonly Kept[],
  { size, enlarged }: { readonly size: number; readonly enlarged: boolean },
): Manifest["statistics"] {
  const { split } = kept[0]!; // they are sorted by split
  const sums = new PixelSums();
  for (const image of kept) {
    if (image.split !== split) continue;
    const { width, height } = storedSize(image.header, { size, enlarged });
    sums.add(image.sums, width * height);
  }
  return { split, ...sums.statistics() };
}

/** The digest covers path and content of every packed image, sorted by path, so not how they are split. */
function sourceOf(kept: readonly Kept[], { ignored }: Scan): Manifest["source"] {
  const hash = createHash("sha256");
  const sorted = [...kept].sort((a, b) => a.path < b.path ? -1 : 1);
  for (const { path, sha256 } of sorted) hash.update(`${path}\0`).update(sha256);
  const bytes = kept.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  return { images: kept.length, bytes, ignored, sha256: hash.digest("hex") };
}

function countsOf(splits: Manifest["splits"]): PrepareResult["splits"] {
  return Object.fromEntries(Object.entries(splits).map(([name, split]) => [name, split!.count]));
}

function bytesOf(splits: Manifest["splits"]): number {
  const files = Object.values(splits).flatMap((split) => [split!.index, ...split!.shards]);
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function isSmaller({ width, height }: { width: number; height: number }, size: number): boolean {
  return Math.min(width, height) < size;
}

/** A folder that may be replaced: a dataset, or one with nothing in it. */
function isDataset(folder: string): boolean {
  if (!Deno.statSync(folder).isDirectory) return false;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.length === 0 || names.includes(MANIFEST);
}

/** Replacing the target must not remove the source. */
function checkApart(source: string, target: string): void {
  if (!`${resolve(source)}/`.startsWith(`${resolve(target)}/`)) return;
  throw new DataError(`Cannot write ${target}: the source ${source} is in it`);
}

/** @throws {RangeError} if an option is out of its range. */
export function checkPrepareOptions(options: PrepareOptions): void {
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
  if (maxBad !== undefined && !(maxBad >= 0 && maxBad <= 1)) {
    throw new RangeError(`Cannot use ${maxBad} as maxBad: it must be from 0 to 1`);
  }
}
