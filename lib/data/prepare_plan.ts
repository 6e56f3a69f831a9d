/** What is to be packed, and how, before anything is decoded. */
import { resolve } from "node:path";
import { BadImages } from "./bad_images.ts";
import { type DecodeOptions, type Decoder, MAX_PIXELS, openDecoder } from "./decoder.ts";
import { DataError } from "./error.ts";
import type { FitOptions } from "./fit.ts";
import { SUBSAMPLING, TURBO } from "./libjpeg_turbo.ts";
import { MANIFEST, type Manifest, type Store } from "./manifest.ts";
import { openSources } from "./open_source.ts";
import type { PrepareOptions, PrepareProgress } from "./prepare_options.ts";
import { medianShorterSide, type Scan, scan } from "./scan.ts";
import type { Source } from "./source.ts";

/** Greatest size that is chosen when none is given. */
const DEFAULT_SIZE = 256;
/** Most bytes of records in a shard; a shard holds one record at least. */
const SHARD_BYTES = 256 * 2 ** 20;
/** How many times more JPEGs a shard holds: they are about so much smaller. */
const JPEG_SHARE = 8;
/** Quality of JPEGs unless said. */
const QUALITY = 90;

/** Opened sources, and what decodes their images. */
export interface Inputs {
  readonly paths: readonly string[];
  readonly sources: readonly Source[];
  readonly decoder: Decoder;
  /** What decoders in other threads are to be told. */
  readonly settings: Required<DecodeOptions>;
}

/** What is to be packed. */
export interface PackingPlan {
  readonly found: Scan;
  /** Bad images so far. */
  readonly bad: BadImages;
  /** Images, good and bad. */
  readonly total: number;
  readonly fitting: FitOptions;
  readonly store: Store;
  /** Records in every shard but the last. */
  readonly perShard: number;
}

/** What tells the caller of progress; it throws the signal's reason once the caller has stopped the work. */
export function reporterOf(options: PrepareOptions): (progress: PrepareProgress) => void {
  return (progress) => {
    options.signal?.throwIfAborted();
    options.onProgress?.(progress);
  };
}

/**
 * Opens the sources and the decoder.
 *
 * @throws {DataError} if a source cannot be used.
 * @throws {MissingDecoderError} if the decoder does not load.
 */
export async function openInputs(
  paths: readonly string[],
  options: PrepareOptions,
): Promise<Inputs> {
  const { background = "#ffffff", maxPixels = MAX_PIXELS } = options;
  const { fit = "squash", resample: resampling = "bicubic" } = options;
  const settings = { background, maxPixels, fit, resampling };
  const decoder = await openDecoder(options.decoder, settings);
  return { paths, sources: await openSources(paths), decoder, settings };
}

/**
 * Lists the sources and decides what the options leave open.
 *
 * @param base of the dataset to which the images are appended, whose size and the like the options must repeat.
 * @throws {DataError} if the images cannot be packed as the options say.
 */
export async function planPacking(
  { paths, sources, decoder, settings }: Inputs,
  options: PrepareOptions,
  report: (progress: PrepareProgress) => void,
  base?: Manifest,
): Promise<PackingPlan> {
  const { maxBad = 0.01, strict = false, enlarge: enlarged = false, limit } = options;
  const held = heldOf(options);
  report({ phase: "list", done: 0, bad: 0 });
  const found = await scan(sources, {
    decodes: decoder.decodes,
    maxPixels: settings.maxPixels,
    ...(limit === undefined ? {} : { limit }),
    ...(base === undefined ? {} : { base }),
    ...(held === null ? {} : { holdout: held }),
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
  if (found.candidates.length === 0) throw noneIsGood(paths);
  const size = options.size ?? Math.min(DEFAULT_SIZE, medianShorterSide(found.candidates));
  const fitting = { size, fit: settings.fit, enlarged };
  const store = storeOf(options);
  const bytes = (options.shardBytes ?? SHARD_BYTES) * (store.kind === "jpeg" ? JPEG_SHARE : 1);
  const perShard = base?.record.perShard ?? Math.max(1, Math.floor(bytes / (size * size * 3)));
  return { found, bad, total, fitting, store, perShard };
}

/** How records are kept, as the manifest says it. */
export function storeOf({ store: kind = "raw", quality = QUALITY }: PrepareOptions): Store {
  if (kind === "raw") return { kind };
  return { kind, quality, subsampling: SUBSAMPLING, encoder: TURBO };
}

/** What the options hold out, as the manifest says it. */
export function heldOf({ valFraction, seed = 0 }: PrepareOptions): Manifest["held"] {
  return valFraction === undefined ? null : { fraction: valFraction, seed };
}

/** What is said where every image is bad. */
export function noneIsGood(paths: readonly string[]): DataError {
  return new DataError(`Cannot use ${paths.join(", ")}: no image is good`);
}

/** A folder that may be replaced: a dataset, or one with nothing in it. */
export function isDataset(folder: string): boolean {
  if (!Deno.statSync(folder).isDirectory) return false;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.length === 0 || names.includes(MANIFEST);
}

/** Replacing the target must not remove a source. @throws {DataError} if it would. */
export function checkApart(sources: readonly string[], target: string): void {
  for (const source of sources) {
    if (!`${resolve(source)}/`.startsWith(`${resolve(target)}/`)) continue;
    throw new DataError(`Cannot write ${target}: the source ${source} is in it`);
  }
}
