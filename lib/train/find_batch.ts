/** `--batch auto`: the micro-batch that suits the machine. */
import type { PretrainConfig } from "../recipes/mod.ts";
import { showBytes } from "../runtime/mod.ts";
import type { BatchTrial } from "./batch_search.ts";
import { searchBatch } from "./batch_search.ts";
import type { TrialAnswer, TrialQuestion } from "./batch_trial_worker.ts";
import { OutOfMemoryError } from "./errors.ts";
import { estimateMemory } from "./memory.ts";
import { MEMORY_SHARE } from "./memory_watch.ts";
import { PRETRAINING } from "./pretraining.ts";

/**
 * On a CPU a larger batch only saves the optimiser's passes, and soon leaves the caches: one that is twice as large must gain
 * this much.
 */
const CPU_GAIN = 0.03;

/** How long a trial measures. */
const SECONDS = 2;

/** What is known before the batch is. */
export interface FindOptions {
  /** The configuration with a batch. */
  configFor(batch: number): PretrainConfig;
  /** Images of the training split. */
  readonly trainCount: number;
  readonly storedSize: number;
  /** Bytes that the run may take; what there is, unless given. */
  readonly available?: number;
  readonly told?: ((trial: BatchTrial) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds a micro-batch by trials, each in a Worker of its own: on a GPU the largest whose steps fit into nine tenths of the
 * memory, on the CPU the last whose steps are worth their memory.
 *
 * @throws {OutOfMemoryError} if not even one image, or two with alignment, fits.
 */
export async function findBatch(options: FindOptions): Promise<BatchTrial> {
  const { configFor, trainCount, storedSize, told, signal } = options;
  const least = PRETRAINING.leastBatch(configFor(2));
  const first = configFor(least);
  const available = options.available ?? await ask({ config: first }, signal);
  const limit = MEMORY_SHARE * (available ?? 0);
  const foresee = (batch: number) =>
    estimateMemory(configFor(batch), { model: PRETRAINING, storedSize }).total;
  const best = await searchBatch({
    least,
    most: Math.floor(trainCount / first.accumulate),
    limit,
    foresee,
    measure: (batch) => ask({ config: configFor(batch), storedSize, seconds: SECONDS }, signal),
    gain: first.device === "cpu" ? CPU_GAIN : null,
  }, told);
  if (best !== null) return best;
  throw new OutOfMemoryError(
    `Cannot find a batch that fits: one of ${least} takes about ${showBytes(foresee(least))} of ` +
      `memory, and ${showBytes(available ?? 0)} are there; take a smaller model`,
  );
}

/** Asks a Worker that ends with its answer. */
async function ask(question: TrialQuestion, signal?: AbortSignal): Promise<number | null> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./batch_trial_worker.ts", import.meta.url), {
    type: "module",
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  worker.onmessage = ({ data }: MessageEvent<TrialAnswer>) => {
    if ("value" in data) resolve(data.value);
    else reject(Object.defineProperty(data.error, "name", { value: data.name }));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`A trial failed: ${event.message}`));
  };
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    worker.postMessage(question);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}
