/** `--batch auto`: the micro-batch that suits the machine. */
import type { RunConfig } from "../recipes/mod.ts";
import { showBytes } from "../runtime/mod.ts";
import type { BatchTrial } from "./batch_search.ts";
import { searchBatch } from "./batch_search.ts";
import type { TrialQuestion } from "./batch_trial.ts";
import { OutOfMemoryError } from "./errors.ts";
import { estimateMemory } from "./memory.ts";
import { MEMORY_SHARE } from "./memory_watch.ts";
import { postJob } from "./run_job.ts";
import type { RunKind } from "./run_kind.ts";

/**
 * On a CPU a larger batch only saves the optimiser's passes, and soon leaves the caches: one that is twice as large must gain
 * this much.
 */
const CPU_GAIN = 0.03;

/** How long a trial measures. */
const SECONDS = 2;

/** What is known before the batch is. */
export interface FindOptions<C extends RunConfig> {
  /** The configuration with a batch; with its default unless given. */
  configFor(batch?: number): C;
  /** Micro-batches of a step, where they are asked for; else they suit the batch. */
  readonly accumulate: number | undefined;
  /** Images of the training split. */
  readonly trainCount: number;
  /** Pixels a side of the images that are read. */
  storedSize(config: C): number;
  /** Bytes that the run may take; what there is, unless given. */
  readonly available?: number;
  readonly told?: ((trial: BatchTrial) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The configuration with the batch that is asked for, which for `auto` is searched by trials, each in a Worker of its own: on a GPU
 * the largest whose steps fit into nine tenths of the memory, on the CPU the last whose steps are worth their memory.
 *
 * @throws {ConfigError} if the batch cannot be.
 * @throws {OutOfMemoryError} if not even one image, or what a kind needs at least, fits.
 *
 * @internal
 */
export async function configWithBatch<C extends RunConfig>(
  kind: RunKind<C>,
  batch: number | "auto" | undefined,
  options: FindOptions<C>,
): Promise<C> {
  if (batch !== "auto") return options.configFor(batch);
  return options.configFor((await findBatch(kind, options)).batch);
}

async function findBatch<C extends RunConfig>(
  kind: RunKind<C>,
  { configFor, accumulate = 1, trainCount, storedSize, told, signal, ...options }: FindOptions<C>,
): Promise<BatchTrial> {
  const { model } = kind;
  const least = model.leastBatch(configFor(2));
  const first = configFor(least);
  const ask = async (task: TrialQuestion<C>): Promise<number | null> => {
    signal?.throwIfAborted();
    const answer = await postJob<TrialQuestion<C>, number | null>(
      kind.worker,
      { job: "trial", task },
      { observer: {}, signal },
    );
    signal?.throwIfAborted();
    return answer;
  };
  const available = options.available ?? await ask({ config: first });
  const limit = MEMORY_SHARE * (available ?? 0);
  const factsOf = (config: C) => ({ model, storedSize: storedSize(config) });
  const foresee = (batch: number) => {
    const config = configFor(batch);
    return estimateMemory(config, factsOf(config)).total;
  };
  const best = await searchBatch({
    least,
    most: Math.floor(trainCount / accumulate),
    limit,
    foresee,
    measure: (batch) => {
      const config = configFor(batch);
      return ask({ config, storedSize: storedSize(config), seconds: SECONDS });
    },
    gain: first.device === "cpu" ? CPU_GAIN : null,
  }, told);
  if (best !== null) return best;
  throw new OutOfMemoryError(
    `Cannot find a batch that fits: one of ${least} takes about ${showBytes(foresee(least))} of ` +
      `memory, and ${showBytes(available ?? 0)} are there; take a smaller model`,
  );
}
