/** Pretraining as the main thread sees it. */
import { openDataset } from "../data/mod.ts";
import {
  ConfigError,
  parsePretrainConfig,
  type PretrainConfig,
  type PretrainOptions,
  resolvePretrain,
  resumePretrain,
} from "../recipes/mod.ts";
import { type RunDryRun, tryRun } from "./dry_run.ts";
import type {
  EpochMetrics,
  Pretrain,
  PretrainObserver,
  PretrainRequest,
  PretrainResult,
  PretrainStart,
} from "./events.ts";
import type { PretrainLosses } from "./events.ts";
import { configWithBatch } from "./find_batch.ts";
import { PRETRAINING } from "./pretraining.ts";
import type { RunKind } from "./run_kind.ts";
import { planPretrainStreams, type PretrainFacts } from "./streams.ts";
import { finishRun, planRun, type RunPlan } from "./train_run.ts";
import type { TrainOutcome } from "./trainer.ts";

/** Runs of pretraining. */
export const PRETRAIN_RUNS: RunKind<PretrainConfig> = {
  command: "pretrain",
  worker: new URL("./trainer_worker.ts", import.meta.url),
  model: PRETRAINING,
  parse: parsePretrainConfig,
};

/** What a dry run tells. */
export type TryPretrain = (
  ...request: Parameters<Pretrain>
) => Promise<RunDryRun<PretrainStart>>;

/**
 * Pretrains in a Worker, so that the caller's thread stays free.
 *
 * When `signal` fires, the step under way is finished, a checkpoint written, and InterruptedError thrown.
 *
 * @throws {ConfigError} if the options cannot be, or contradict the run that is resumed.
 * @throws {DataError} if the dataset or a checkpoint cannot be used.
 * @throws {EnvironmentError} if ONNX Runtime cannot be loaded, or the device that was asked for cannot be used.
 * @throws {OutOfMemoryError} if the run takes more memory than there is.
 * @throws {DivergedError} if a loss or gradient is not finite.
 * @throws {InterruptedError} if `signal` fired before the last step.
 *
 * @example
 * ```ts
 * import { pretrain } from "./mod.ts";
 *
 * const sizes = { width: 16, depth: 1, heads: 2, decoderWidth: 16, decoderDepth: 1, decoderHeads: 2 };
 * const options = { ...sizes, batch: 4, steps: 2, warmup: { count: 1, unit: "steps" } } as const;
 * const { rec, meanLevel } = await pretrain({
 *   data: "dataset",
 *   out: "pretrained",
 *   options,
 *   resume: false,
 * });
 * console.log(rec, meanLevel); // below the level of predicting the mean, it has learnt something
 * ```
 */
export const pretrain: Pretrain = async (
  request,
  observer = {},
  signal,
): Promise<PretrainResult> => {
  signal?.throwIfAborted();
  const plan = planOf(request.data, observer, { signal, knnEvery: checkEvery(request) });
  const planned = await planRun(request, plan, observer.warning?.bind(observer));
  const outcome = await finishRun(planned, { observer, signal });
  return resultOf(planned.task, outcome);
};

/**
 * Says what {@linkcode pretrain} would do: resolves and checks everything, opens the model and tries a few steps. Writes nothing.
 *
 * @throws what `pretrain` throws.
 *
 * @example
 * ```ts
 * import { tryPretrain } from "./mod.ts";
 *
 * const sizes = { width: 16, depth: 1, heads: 2, decoderWidth: 16, decoderDepth: 1, decoderHeads: 2 };
 * const options = { ...sizes, batch: 4, steps: 9 } as const;
 * console.log(await tryPretrain({ data: "dataset", out: "tried", options, resume: false }));
 * ```
 */
export const tryPretrain: TryPretrain = async (request, observer = {}, signal) => {
  signal?.throwIfAborted();
  const plan = planOf(request.data, observer, { signal, knnEvery: checkEvery(request) });
  const warning = observer.warning?.bind(observer);
  const planned = await planRun(request, plan, warning, { dry: true });
  return await tryRun<PretrainStart>(planned, { signal, warning });
};

/** @throws {ConfigError} if nearest neighbours cannot be looked at so often. */
function checkEvery({ knnEvery }: PretrainRequest): number | undefined {
  if (knnEvery === undefined || (Number.isSafeInteger(knnEvery) && knnEvery >= 1)) return knnEvery;
  throw new ConfigError(
    `Cannot look at nearest neighbours every ${knnEvery} epochs (--knn-every): it must be a whole number >= 1`,
  );
}

/** How pretraining on a dataset is planned. */
export function planOf(
  data: string,
  observer: PretrainObserver = {},
  { signal, knnEvery }: { readonly signal?: AbortSignal | undefined } & {
    readonly knnEvery?: number | undefined;
  } = {},
): RunPlan<PretrainConfig, PretrainFacts, PretrainOptions> {
  return {
    kind: PRETRAIN_RUNS,
    resume: resumePretrain,
    streams: (config, reading) => planPretrainStreams(data, config, { ...reading, knnEvery }),
    async resolve(options) {
      using opened = openDataset(data);
      const { size: imageSize, splits } = opened.manifest;
      const facts = { imageSize, trainCount: splits.train?.count ?? 0 };
      return await configWithBatch(PRETRAIN_RUNS, options.batch, {
        configFor: (batch) => resolvePretrain({ ...options, batch }, facts),
        accumulate: options.accumulate,
        trainCount: facts.trainCount,
        storedSize: () => imageSize,
        told: (trial) => observer.trial?.(trial),
        signal,
      });
    },
  };
}

function resultOf(
  { out, config }: { readonly out: string; readonly config: PretrainConfig },
  outcome: TrainOutcome,
): PretrainResult {
  const { done, doneNow, checkpoint, seconds, start } = outcome;
  const step = outcome.step as PretrainLosses | null;
  const epoch = outcome.epoch as EpochMetrics | null;
  return {
    out,
    checkpoint: checkpoint!,
    steps: done,
    stepsNow: doneNow,
    rec: step?.rec ?? NaN,
    align: step?.align ?? null,
    loss: step?.loss ?? NaN,
    meanLevel: start.meanLevel!,
    valRec: epoch?.valRec ?? null,
    seconds,
    imagesPerSecond: doneNow === 0 ? 0 : doneNow * config.batch * config.accumulate / seconds,
  };
}
