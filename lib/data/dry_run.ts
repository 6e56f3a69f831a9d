/** What preparing or appending would do, without writing anything. */
import { optionsFor, refuseTwice } from "./append_check.ts";
import { checkTarget } from "./atomic_folder.ts";
import type { Candidates } from "./candidates.ts";
import { openDataset } from "./dataset.ts";
import { HEADER_BYTES } from "./header.ts";
import type { FitOptions } from "./fit.ts";
import { indexBytes } from "./index_file.ts";
import { type Manifest, type SplitName, SPLITS, type Store } from "./manifest.ts";
import { checkPrepareOptions, type ClassCount, type PrepareOptions } from "./prepare_options.ts";
import { checkApart, isDataset, openInputs, planPacking, reporterOf } from "./prepare_plan.ts";
import type { BadImage } from "./scan.ts";
import { tryDecoding } from "./trial.ts";
import { balanceOf, type Counts, countsOf, isSmaller, perClassOf, warningsOf } from "./summary.ts";
import { type BaseSplits, readBase, samplesAfter, samplesOf } from "./write_indices.ts";

/** What `prepare` would make, or `append` make of a dataset. */
export interface PrepareDryRun {
  readonly dryRun: true;
  /** The dataset's folder, which is not touched. */
  readonly dataset: string;
  /** Whether it would grow. */
  readonly appended: boolean;
  readonly size: number;
  readonly fit: string;
  readonly enlarged: boolean;
  readonly store: Store;
  readonly decoder: { readonly name: string; readonly version: string; readonly resize: string };
  readonly workers: number;
  /** Number of classes, and images of each class and split. */
  readonly classes: number;
  readonly balance: readonly ClassCount[];
  /** Images of each split, those that turn out to be damaged included. */
  readonly splits: Readonly<Partial<Record<SplitName, number>>>;
  /** Images that would be packed. */
  readonly images: number;
  /** How many of them are smaller than the size on a side, and stored so. */
  readonly smaller: number;
  /** Known by their header, or from the trial. */
  readonly bad: readonly BadImage[];
  readonly warnings: readonly string[];
  readonly ignored: number;
  /** Bytes of the dataset but for its manifest; of JPEGs foreseen. */
  readonly bytes: number;
  /** Files of records. */
  readonly shards: number;
  /** Images that were decoded to foresee the time, by all threads. */
  readonly tried: number;
  /** Seconds that packing is foreseen to take. */
  readonly seconds: number;
}

/**
 * Checks all that `prepare` checks, reads the header of every image, decodes some, and says what would be written.
 *
 * @throws what `prepare` throws before it decodes.
 *
 * @example
 * ```ts
 * import { planPrepare } from "./mod.ts";
 *
 * const { images, bytes } = await planPrepare("pictures", "planned", { size: 32 });
 * console.log(images, bytes);
 * ```
 */
export function planPrepare(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions = {},
): Promise<PrepareDryRun> {
  return planned(source, target, options);
}

/**
 * Checks all that `append` checks, and says what the dataset would become: `images` are those that would be added, sizes and
 * counts are of all.
 *
 * @throws what `append` throws before it decodes.
 *
 * @example
 * ```ts
 * import { raster } from "../../mod.ts";
 * import { planAppend } from "./mod.ts";
 *
 * Deno.mkdirSync("later/train/circle", { recursive: true });
 * Deno.writeFileSync(
 *   "later/train/circle/later.png",
 *   raster.encodePng(new Uint8Array(32 * 32 * 3), { width: 32, height: 32 }),
 * );
 * const { images } = await planAppend("later", "dataset");
 * console.assert(images === 1);
 * ```
 */
export async function planAppend(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions = {},
): Promise<PrepareDryRun> {
  using dataset = openDataset(target);
  const { manifest } = dataset;
  return await planned(source, target, optionsFor(target, manifest, options), manifest);
}

async function planned(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions,
  base?: Manifest,
): Promise<PrepareDryRun> {
  checkPrepareOptions(options);
  const report = reporterOf(options);
  const paths = typeof source === "string" ? [source] : source;
  checkApart(paths, target);
  const inputs = await openInputs(paths, options);
  if (base === undefined) checkTarget(target, options.force ? isDataset : undefined);
  const began = performance.now();
  const plan = await planPacking(inputs, options, report, base);
  const listing = (performance.now() - began) / 1000;
  const { found, total, fitting, store, perShard } = plan;
  const old: BaseSplits = base === undefined ? new Map() : readBase(target, base);
  refuseTwice(target, old, found);

  report({ phase: "pack", done: 0, total, bad: plan.bad.count });
  const workers = options.workers ?? navigator.hardwareConcurrency;
  const trial = await tryDecoding(inputs, plan, { workers, signal: options.signal });
  plan.bad.add(trial.bad);
  const { classes, candidates } = found;
  const counts: Partial<Record<SplitName, Counts>> = {};
  let [bytes, shards] = [0, 0];
  for (const split of SPLITS) {
    const { begin, end } = candidates.range(split);
    const numbers = Uint32Array.from({ length: end - begin }, (_, i) => begin + i);
    const there = old.get(split);
    const samples = samplesAfter(there?.index, samplesOf(candidates, numbers));
    if (samples.length === 0) continue;
    counts[split] = { count: samples.length, perClass: perClassOf(samples, classes.length) };
    const more = Math.ceil(numbers.length / perShard);
    const kept = there?.facts.shards ?? [];
    shards += kept.length + more;
    bytes += indexBytes(samples, store.kind) + more * HEADER_BYTES +
      kept.reduce((sum, shard) => sum + shard.bytes, 0);
  }
  bytes += Math.round(candidates.length * trial.recordBytes);
  const { name, version, resize } = inputs.decoder;
  return {
    dryRun: true,
    dataset: target,
    appended: base !== undefined,
    ...fitting,
    store,
    decoder: { name, version, resize },
    workers,
    classes: classes.length,
    balance: balanceOf(classes, counts),
    splits: countsOf(counts),
    images: candidates.length,
    smaller: countSmaller(candidates, fitting),
    bad: plan.bad.list(),
    warnings: warningsOf(found),
    ignored: found.ignored,
    bytes,
    shards,
    tried: trial.images,
    seconds: 2 * listing + candidates.length / trial.imagesPerSecond, // both passes go through the sources
  };
}

function countSmaller(candidates: Candidates, fitting: FitOptions): number {
  let count = 0;
  for (let i = 0; i < candidates.length; i++) {
    if (isSmaller(candidates.header(i), fitting)) count++;
  }
  return count;
}
