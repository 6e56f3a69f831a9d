/** The writers of all splits of a dataset. */
import { type SplitName, SPLITS } from "./manifest.ts";
import type { KeptImages } from "./packed_images.ts";
import type { PackingPlan } from "./prepare_plan.ts";
import {
  type FinishedShards,
  type Hashing,
  type ShardEntry,
  type ShardOptions,
  ShardWriter,
} from "./shard_writer.ts";

/** Where the splits of a dataset go on that grows. */
export type Begins = Readonly<Record<SplitName, NonNullable<ShardOptions["begin"]>>>;

/** A writer for each split. */
export class SplitWriters implements Disposable {
  readonly #writers: ReadonlyMap<SplitName, ShardWriter>;

  constructor(
    folder: string,
    { fitting: { size }, store, perShard }: Pick<PackingPlan, "fitting" | "store" | "perShard">,
    begins?: Begins,
  ) {
    this.#writers = new Map(SPLITS.map((split) => {
      const begin = begins === undefined ? {} : { begin: begins[split] };
      const options = { folder, split, size, store: store.kind, perShard, ...begin };
      return [split, new ShardWriter(options)];
    }));
  }

  of(split: SplitName): ShardWriter {
    return this.#writers.get(split)!;
  }

  endRuns(): void {
    for (const writer of this.#writers.values()) writer.endRun();
  }

  async sync(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.sync()));
  }

  /** Finishes the shards of every split; those that have none are left out. */
  async finish(
    kept: KeptImages,
    memory: FinishedShards,
    hashing: Hashing,
  ): Promise<ReadonlyMap<SplitName, readonly ShardEntry[]>> {
    const shards = new Map<SplitName, readonly ShardEntry[]>();
    for (const [split, writer] of this.#writers) {
      const found = await writer.finish(kept.recordsOf(split), memory, hashing);
      if (found.length > 0) shards.set(split, found);
    }
    return shards;
  }

  [Symbol.dispose](): void {
    for (const writer of this.#writers.values()) writer[Symbol.dispose]();
  }
}
