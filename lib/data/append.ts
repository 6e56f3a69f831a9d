/** Adding images to a packed dataset; docs/dataset-format.md. */
import { AtomicFolder } from "./atomic_folder.ts";
import { optionsFor, refuseTwice } from "./append_check.ts";
import { CONTACT_SHEET, contactSheet } from "./contact_sheet.ts";
import { openDataset } from "./dataset.ts";
import { namedIfFull } from "./error.ts";
import { flushFolder, writeAtomically } from "../files/mod.ts";
import { storedSize } from "./fit.ts";
import { FORMAT_VERSION } from "./header.ts";
import { encodeManifest, MANIFEST, type Manifest, type SplitName, SPLITS } from "./manifest.ts";
import { type Packed, type PackingOptions, packInto, startPool } from "./packing.ts";
import { checkPrepareOptions, type PrepareOptions, type PrepareResult } from "./prepare_options.ts";
import {
  checkApart,
  heldOf,
  isDataset,
  openInputs,
  planPacking,
  reporterOf,
} from "./prepare_plan.ts";
import { resultOf } from "./prepare_result.ts";
import { type KnownPixels, sourceOf, statisticsOf } from "./summary.ts";
import { type BaseSplits, readBase, writeIndices } from "./write_indices.ts";

/** What shards and numbered indices are called. */
const NUMBERED = /^(train|val|test)-(?:index-)?(\d{5})\.bin$/;

/**
 * Packs more images into the dataset in `target`. Its shards stay as they are; the new ones, a new index of each split that
 * grows and a new manifest take effect at once, at the end. Labels stay what they are, new classes come after them. Stopped, it
 * goes on with the next call as `prepare` does.
 *
 * @throws {DataError} if there is no dataset, the options are not those that it was prepared with, or one of the images is in
 * it already, by its path.
 *
 * @example
 * ```ts
 * import { raster } from "../../mod.ts";
 * import { append, prepare } from "./mod.ts";
 *
 * await prepare("pictures", "growing", { size: 32 });
 * Deno.mkdirSync("more/train/circle", { recursive: true });
 * Deno.writeFileSync(
 *   "more/train/circle/new.png",
 *   raster.encodePng(new Uint8Array(32 * 32 * 3), { width: 32, height: 32 }),
 * );
 * await append("more", "growing", { size: 32 });
 * ```
 */
export async function append(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions = {},
): Promise<PrepareResult> {
  try {
    return await appendAll(typeof source === "string" ? [source] : source, target, options);
  } catch (error) {
    throw namedIfFull(error, target);
  }
}

async function appendAll(
  paths: readonly string[],
  target: string,
  given: PrepareOptions,
): Promise<PrepareResult> {
  const began = performance.now();
  using dataset = openDataset(target);
  const { manifest: base, digest } = dataset;
  const options = optionsFor(target, base, given);
  checkPrepareOptions(options);
  checkApart(paths, target);
  const report = reporterOf(options);
  const inputs = await openInputs(paths, options);
  using folder = new AtomicFolder(target, isDataset);
  using pool = startPool(inputs, options);
  const plan = await planPacking(inputs, options, report, base);
  const splits = readBase(target, base);
  refuseTwice(target, splits, plan.found);

  if (folder.keep) takeBack(target, base, folder.path);
  const begin = beginOf(base);
  const packing: PackingOptions = { pool, report, base: { digest, begin } };
  const packed = await packInto(folder, inputs, plan, packing);
  const { found, fitting, bad } = plan;
  const { name, version, resize } = inputs.decoder;
  const manifest: Manifest = {
    ...base,
    version: FORMAT_VERSION,
    classes: [...found.classes],
    splits: writeIndices(folder, packed, {
      base: splits,
      classes: found.classes.length,
      store: base.store,
    }),
    statistics: statisticsOf(packed, knownPixels(base, splits, packed)),
    appended: [...base.appended, {
      decoder: { name, version, resize },
      held: heldOf(options),
      source: sourceOf(packed.kept, found),
    }],
    bad: [...base.bad, ...bad.list()].sort((a, b) => a.path < b.path ? -1 : 1),
  };
  const bytes = encodeManifest(manifest);
  putInPlace(target, { folder: folder.path, base, manifest, bytes });
  options.onProgress?.({
    phase: "finish",
    done: packed.kept.length,
    total: packed.kept.length,
    bad: bad.count,
  });
  const { contactSheet: sheet = `${target}/${CONTACT_SHEET}` } = options;
  if (sheet !== false) drawSheet(target, sheet);
  return resultOf({
    target,
    manifest,
    bytes,
    packed,
    found,
    fitting,
    decoder: inputs.decoder.name,
    bad: bad.list(),
    appended: true,
    contactSheet: sheet === false ? null : sheet,
    seconds: (performance.now() - began) / 1000,
  });
}

/** Where the numbers of shards and samples go on. */
function beginOf({ splits }: Manifest): NonNullable<PackingOptions["base"]>["begin"] {
  const begin = (name: SplitName) => {
    const split = splits[name];
    const numbers = split?.shards.map(({ file }) => Number(/(\d+)\.bin$/.exec(file)?.[1] ?? 0));
    return { shard: Math.max(-1, ...numbers ?? []) + 1, sample: split?.count ?? 0 };
  };
  return { train: begin("train"), val: begin("val"), test: begin("test") };
}

/** What an interrupted run had put into the dataset already, without the manifest that would have named it. */
function takeBack(target: string, { splits }: Manifest, folder: string): void {
  const listed = new Set(
    Object.values(splits).flatMap((split) => [split!.index, ...split!.shards]).map(({ file }) =>
      file
    ),
  );
  for (const { name } of [...Deno.readDirSync(target)]) {
    if (NUMBERED.test(name) && !listed.has(name)) {
      Deno.renameSync(`${target}/${name}`, `${folder}/${name}`);
    }
  }
}

/** What the dataset knows of its pixels; nothing if it has no training images and some come. */
function knownPixels(
  base: Manifest,
  splits: BaseSplits,
  { kept }: Packed,
): KnownPixels | undefined {
  const { statistics } = base;
  if (statistics.split !== "train" && kept.of("train").length > 0) return undefined;
  const { count, widths, heights } = splits.get(statistics.split)!.index;
  let pixels = 0;
  for (let i = 0; i < count; i++) {
    const { width, height } = storedSize({ width: widths[i]!, height: heights[i]! }, base);
    pixels += width * height;
  }
  return { statistics, pixels };
}

/** Moves the new files to the others; the new manifest comes last, and then the old indices go. */
function putInPlace(
  target: string,
  { folder, base, manifest, bytes }: {
    readonly folder: string;
    readonly base: Manifest;
    readonly manifest: Manifest;
    readonly bytes: Uint8Array;
  },
): void {
  for (const { name } of [...Deno.readDirSync(folder)]) {
    if (name.endsWith(".bin")) Deno.renameSync(`${folder}/${name}`, `${target}/${name}`);
  }
  flushFolder(target);
  writeAtomically(`${target}/${MANIFEST}`, [bytes]);
  for (const split of SPLITS) {
    const [old, now] = [base.splits[split]?.index.file, manifest.splits[split]?.index.file];
    if (old !== undefined && old !== now) Deno.removeSync(`${target}/${old}`);
  }
}

function drawSheet(target: string, file: string): void {
  using dataset = openDataset(target);
  writeAtomically(file, [contactSheet(dataset)]);
}
