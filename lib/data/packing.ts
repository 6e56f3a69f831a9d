/** Packing what was planned into shards in an unfinished folder, going on where an earlier run was interrupted. */
import { createHash } from "node:crypto";
import type { AtomicFolder } from "./atomic_folder.ts";
import { Background } from "./background.ts";
import { DecodePool } from "./decode_pool.ts";
import { StoppedError } from "./error.ts";
import { FORMAT_VERSION } from "./header.ts";
import { JOURNAL, Journal } from "./journal.ts";
import type { SplitName } from "./manifest.ts";
import { pack } from "./pack.ts";
import { KeptImages } from "./packed_images.ts";
import type { PrepareOptions, PrepareProgress } from "./prepare_options.ts";
import { type Inputs, noneIsGood, type PackingPlan, storeOf } from "./prepare_plan.ts";
import { isLeft, type ShardEntry } from "./shard_writer.ts";
import { type Begins, SplitWriters } from "./split_writers.ts";
import type { PixelSums } from "./statistics.ts";

/** Batches under way per worker: one that is decoded, one that waits, one that is written. */
const AHEAD_PER_WORKER = 3;

/** Bytes of records after which they are brought to the disk, and the journal written. */
const FLUSH_BYTES = 64 << 20;

/** What was packed. */
export interface Packed {
  /** By split, then path. */
  readonly kept: KeptImages;
  /** Over the stored pixels of the images of each split. */
  readonly sums: ReadonlyMap<SplitName, PixelSums>;
  readonly shards: ReadonlyMap<SplitName, readonly ShardEntry[]>;
  /** Images that an earlier run had packed. */
  readonly continued: number;
  readonly warnings: readonly string[];
}

/** What packing needs beside inputs and plan. */
export interface PackingOptions {
  readonly pool: DecodePool;
  /** Of the dataset to which this is appended: the digest, and where each split goes on. */
  readonly base?: {
    readonly digest: string;
    readonly begin: Begins;
  };
  report(progress: PrepareProgress): void;
}

/** Starts the threads that decode: they load their decoders while the sources are listed. */
export function startPool(
  { decoder, settings }: Inputs,
  options: PrepareOptions,
): DecodePool {
  const { workers = navigator.hardwareConcurrency } = options;
  const store = storeOf(options);
  const quality = store.kind === "jpeg" ? store.quality : null;
  return new DecodePool({ decoder: decoder.name, quality, ...settings }, workers);
}

/** What an interrupted run has finished is of no use; the message is a warning that says why. */
class FinishedError extends Error {}

/**
 * Packs all images. If it is stopped, what is packed by then stays in the folder, with a journal.
 *
 * @throws {DataError} if too many images are bad, or none is good.
 * @throws {StoppedError} if `report` threw that the run was aborted.
 */
export async function packInto(
  folder: AtomicFolder,
  inputs: Inputs,
  plan: PackingPlan,
  options: PackingOptions,
): Promise<Packed> {
  const bad = plan.bad.count;
  try {
    return await attempt(folder, inputs, plan, options);
  } catch (error) {
    if (!(error instanceof FinishedError)) throw error;
    folder.removeOthers([]);
    plan.bad.reset(bad);
    const packed = await attempt(folder, inputs, plan, options);
    return { ...packed, warnings: [error.message] };
  }
}

const NOT_USED = "what an interrupted run had packed is not used: sources or options have changed";
const LOST = "what an interrupted run had packed is not used: some of its shards are gone";

async function attempt(
  folder: AtomicFolder,
  inputs: Inputs,
  plan: PackingPlan,
  options: PackingOptions,
): Promise<Packed> {
  const wasThere = folder.keep;
  const { candidates } = plan.found;
  const facts = { plan: digestOf(inputs, plan, options), candidates: candidates.length };
  using journal = new Journal(folder.path, facts, () => folder.removeOthers([]));
  using writers = new SplitWriters(folder.path, plan, options.base?.begin);
  for (const number of journal.packed.noted()) {
    const place = candidates.place(number);
    writers.of(candidates.split(number)).restore({ place, ...journal.packed.record(number) });
  }
  /** Packing goes on beside the disk, but not far ahead of it. */
  const flushes = new Background();
  const flush = () => flushes.begin(() => journal.flush(() => writers.sync()));
  const flushAll = async () => {
    await flush();
    await flushes.end();
  };
  try {
    folder.keep = false;
    const { continued, sums } = await packAll(inputs, plan, {
      ...options,
      journal,
      writers,
      flush,
    });
    const kept = new KeptImages(candidates, journal.packed);
    if (kept.length === 0) throw noneIsGood(inputs.paths);
    await flushAll();
    let done = 0;
    const report = () =>
      options.report({ phase: "finish", done, total: kept.length, bad: plan.bad.count });
    report();
    const shards = await writers.finish(kept, {
      finished(file) {
        const shard = journal.finished(file);
        if (shard !== undefined && !isLeft(folder.path, shard)) throw new FinishedError(LOST);
        return shard;
      },
      finish(shard) {
        journal.finish(shard);
        done += shard.records;
        report();
      },
    }, { hash: (file) => options.pool.hash(file), ahead: options.pool.size });
    const files = [...shards.values()].flat().map(({ file }) => file);
    folder.removeOthers([JOURNAL, ...files]); // of records that an earlier run wrote and nothing has noted
    const warnings = wasThere && journal.isNew ? [NOT_USED] : [];
    return { kept, sums, shards, continued, warnings };
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
    await flushAll();
    folder.keep = true;
    throw new StoppedError(
      "Stopped; what is packed so far is kept, and the same command goes on from there",
      { cause: error },
    );
  }
}

/** The second pass over the sources. */
async function packAll(
  { sources }: Inputs,
  { found, bad, total, fitting }: PackingPlan,
  { journal, writers, flush, report, pool }: PackingOptions & {
    readonly journal: Journal;
    readonly writers: SplitWriters;
    flush(): Promise<void>;
  },
): ReturnType<typeof pack> {
  const { candidates } = found;
  report({ phase: "pack", done: found.bad.length, total, bad: bad.count });
  await pool.ready;
  let unflushed = 0;
  return await pack(sources, candidates, {
    fitting,
    pool,
    ahead: AHEAD_PER_WORKER * pool.size,
    bad,
    packed: journal.packed,
    write(number, record) {
      if (journal.hasShards) throw new FinishedError(NOT_USED); // a file changed after its record was put in order
      unflushed += record.length;
      return writers.of(candidates.split(number)).write(candidates.place(number), record);
    },
    endBatch: () => writers.endRuns(),
    onPacked(number, image) {
      journal.add(number, { place: candidates.place(number), ...image });
    },
    async onImages(done) {
      if (unflushed >= FLUSH_BYTES) {
        await flush();
        unflushed = 0;
      }
      report({ phase: "pack", done: found.bad.length + done, total, bad: bad.count });
    },
  });
}

/** SHA-256 of everything on which the shards depend but the files' content, which is compared file by file. */
function digestOf(
  { decoder: { name, version, resize }, settings }: Inputs,
  { found: { classes, candidates }, fitting, store, perShard }: PackingPlan,
  { base }: PackingOptions,
): string {
  const hash = createHash("sha256");
  const decoder = { name, version, resize, ...settings };
  const facts = { format: FORMAT_VERSION, decoder, fitting, store, perShard, classes, base };
  hash.update(JSON.stringify(facts));
  for (const candidate of candidates) hash.update(`\n${JSON.stringify(candidate)}`);
  return hash.digest("hex");
}

/** Removes the journal of a dataset that is finished. */
export function removeJournal(folder: string): void {
  Deno.removeSync(`${folder}/${JOURNAL}`);
}
