/** Packing images from folders, tars, lists or other files into a dataset; docs/dataset-format.md. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { AtomicFolder } from "./atomic_folder.ts";
import { CONTACT_SHEET, contactSheet } from "./contact_sheet.ts";
import { openDataset } from "./dataset.ts";
import { DecodePool } from "./decode_pool.ts";
import { namedIfFull } from "./error.ts";
import { FORMAT_VERSION } from "./header.ts";
import { encodeManifest, MANIFEST, type Manifest, SPLITS } from "./manifest.ts";
import { pack } from "./pack.ts";
import { checkApart, isDataset, noneIsGood, openInputs, planPacking } from "./prepare_plan.ts";
import {
  checkPrepareOptions,
  type PrepareOptions,
  type PrepareProgress,
  type PrepareResult,
} from "./prepare_options.ts";
import { ShardWriter } from "./shard_writer.ts";
import {
  balanceOf,
  bytesOf,
  countsOf,
  isSmaller,
  sourceOf,
  statisticsOf,
  warningsOf,
  writeSplits,
} from "./summary.ts";

/** Batches under way per worker: one that is decoded, one that waits, one that is written. */
const AHEAD_PER_WORKER = 3;

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
  const { signal } = options;
  const report = (progress: PrepareProgress) => {
    signal?.throwIfAborted();
    options.onProgress?.(progress);
  };
  const paths = typeof source === "string" ? [source] : source;
  checkApart(paths, target);
  const inputs = await openInputs(paths, options);
  using folder = new AtomicFolder(target, options.force ? isDataset : undefined);
  const plan = await planPacking(inputs, options, report);
  const { found, bad, total, fitting, perShard } = plan;
  const { size, fit, enlarged } = fitting;

  report({ phase: "pack", done: found.bad.length, total, bad: bad.count });
  const { decoder, sources, settings } = inputs;
  const workers = options.workers ?? navigator.hardwareConcurrency;
  using pool = await DecodePool.open({ decoder: decoder.name, ...settings }, workers);
  using open = new DisposableStack();
  const writers = new Map(SPLITS.map((split) => {
    return [split, open.use(new ShardWriter({ folder: folder.path, split, size, perShard }))];
  }));
  const packed = await pack(sources, found.candidates, {
    fitting,
    pool,
    ahead: AHEAD_PER_WORKER * workers,
    writers,
    bad,
    onImages: (done) =>
      report({ phase: "pack", done: found.bad.length + done, total, bad: bad.count }),
  });

  const images = total - bad.count;
  if (images === 0) throw noneIsGood(paths);
  report({ phase: "finish", done: 0, total: images, bad: bad.count });
  const kept = found.candidates.flatMap((candidate, i) => {
    const image = packed[i];
    return image === undefined ? [] : [{ ...candidate, ...image }];
  });
  const splits = writeSplits(folder, kept, { writers, classes: found.classes.length });
  const manifest: Manifest = {
    format: "ccmim-dataset",
    version: FORMAT_VERSION,
    size,
    record: { dtype: "uint8", layout: "HWC", channels: "RGB", bytes: size * size * 3, perShard },
    store: { kind: "raw" },
    fit,
    enlarged,
    decoder: { name: decoder.name, version: decoder.version, resize: decoder.resize },
    classes: [...found.classes],
    splits,
    held: options.valFraction === undefined
      ? null
      : { fraction: options.valFraction, seed: options.seed ?? 0 },
    statistics: statisticsOf(kept, fitting),
    source: sourceOf(kept, found),
    appended: [],
    bad: bad.list(),
  };
  const bytes = encodeManifest(manifest);
  folder.writeFile(MANIFEST, bytes);
  const { contactSheet: sheet } = options;
  const picture = sheet === false ? undefined : pictureOf(folder.path);
  if (picture !== undefined && sheet === undefined) folder.writeFile(CONTACT_SHEET, picture);
  report({ phase: "finish", done: images, total: images, bad: bad.count });
  folder.commit();
  if (picture !== undefined && typeof sheet === "string") writeFile(sheet, picture);

  const seconds = (performance.now() - began) / 1000;
  return {
    dataset: target,
    digest: createHash("sha256").update(bytes).digest("hex"),
    size,
    classes: manifest.classes.length,
    splits: countsOf(splits),
    balance: balanceOf(found.classes, splits),
    statistics: manifest.statistics,
    images,
    smaller: kept.filter(({ header }) => isSmaller(header, fitting)).length,
    bad: manifest.bad,
    warnings: warningsOf(found),
    ignored: found.ignored,
    decoder: decoder.name,
    contactSheet: sheet === false ? null : sheet ?? `${target}/${CONTACT_SHEET}`,
    bytes: bytes.length + bytesOf(splits),
    seconds,
    imagesPerSecond: images / seconds,
  };
}

function pictureOf(folder: string): Uint8Array<ArrayBuffer> {
  using dataset = openDataset(folder);
  return contactSheet(dataset);
}

/** Writes a file, which may lie in folders that are not there yet. */
function writeFile(path: string, bytes: Uint8Array): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeFileSync(path, bytes);
}
