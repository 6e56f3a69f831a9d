/** Pretraining as the main thread sees it. */
import { openDataset } from "../data/mod.ts";
import { latestCheckpoint } from "../checkpoint/mod.ts";
import {
  type DeviceOption,
  type PretrainOptions,
  resolvePretrain,
  resumePretrain,
} from "../recipes/mod.ts";
import { chooseDevice, showDevice } from "../runtime/mod.ts";
import type { Pretrain, PretrainObserver, PretrainRequest, PretrainResult } from "./events.ts";
import { InterruptedError } from "./errors.ts";
import { findBatch } from "./find_batch.ts";
import type { PretrainOutcome, PretrainTask } from "./pretrainer.ts";
import { createRun, discardRun, identifyDataset, readRun, refuseTaken } from "./run_folder.ts";
import { planStreams, startStreams } from "./streams.ts";
import type { TrainerMessage, TrainerOrder } from "./trainer_worker.ts";

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
 */
export const pretrain: Pretrain = async (request, observer = {}, signal) => {
  signal?.throwIfAborted();
  const { task, isNew } = await plan(request, observer, signal);
  let outcome: PretrainOutcome;
  try {
    using _workers = await startStreams(task.streams);
    outcome = await inWorker(task, observer, signal);
  } catch (error) {
    if (isNew) discardRun(task.out);
    throw error;
  }
  const { steps } = task.config.schedule;
  if (outcome.done < steps) {
    const { done, checkpoint } = outcome;
    throw new InterruptedError(
      `Stopped after ${done} of ${steps} steps; go on with --resume` +
        (checkpoint === null ? "" : ` (checkpoint: ${checkpoint})`),
    );
  }
  return resultOf(task, outcome);
};

/** Resolves and checks everything, and makes the run's folder if it is a new run. */
async function plan(
  { data, out, options, resume, strictDevice = true, ...reading }: PretrainRequest,
  observer: PretrainObserver,
  signal?: AbortSignal,
): Promise<{ task: PretrainTask; isNew: boolean }> {
  const dataset = identifyDataset(data);
  const saved = resume ? readRun(out, dataset) : null;
  if (saved !== null) {
    const { device, reason } = choose(options.device ?? saved.device);
    const config = resumePretrain(saved, { ...options, device });
    const from = latestCheckpoint(out, { clean: true });
    if (from === null) {
      observer.warning?.(`${out} holds no checkpoint yet: the run starts from its beginning`);
    }
    const streams = planStreams(data, config, { ...reading, done: from?.step ?? 0 });
    const task = { out, config, from, streams, strictDevice, deviceReason: reason };
    return { task, isNew: false };
  }
  if (resume) observer.warning?.(`${out} holds no run to go on with: a new one starts`);
  using opened = openDataset(data);
  const { size, splits } = opened.manifest;
  const facts = { imageSize: size, trainCount: splits.train?.count ?? 0 };
  const { device, reason } = choose(options.device ?? "auto");
  const configFor = (batch: PretrainOptions["batch"]) =>
    resolvePretrain({ ...options, device, batch }, facts);
  refuseTaken(out);
  const batch = options.batch !== "auto" ? options.batch : (await findBatch({
    configFor,
    trainCount: facts.trainCount,
    storedSize: size,
    told: (trial) => observer.trial?.(trial),
    signal,
  })).batch;
  const config = configFor(batch);
  createRun(out, config, dataset);
  const streams = planStreams(data, config, { ...reading, done: 0 });
  const task = { out, config, from: null, streams, strictDevice, deviceReason: reason };
  return { task, isNew: true };
}

/** The device that is asked for, by the name that a configuration holds, and why it was taken. */
function choose(option: DeviceOption): { device: DeviceOption; reason: string } {
  const { device, reason } = chooseDevice(option);
  return { device: showDevice(device) as DeviceOption, reason };
}

/** Runs the task in a trainer Worker and passes on what it tells. */
async function inWorker(
  task: PretrainTask,
  observer: PretrainObserver,
  signal?: AbortSignal,
): Promise<PretrainOutcome> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./trainer_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<PretrainOutcome>();
  worker.onmessage = ({ data: message }: MessageEvent<TrainerMessage>) => {
    switch (message.type) {
      case "done":
        return resolve(message.outcome);
      case "failed":
        // A Worker's error arrives as a plain Error: its class is known by name only
        return reject(Object.defineProperty(message.error, "name", { value: message.name }));
      default:
        (observer[message.type] as ((...args: unknown[]) => void) | undefined)?.(...message.args);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`The trainer failed: ${event.message}`));
  };
  const onAbort = () => void Atomics.store(stop, 0, 1);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    worker.postMessage({ task, stop } satisfies TrainerOrder);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}

function resultOf({ out, config }: PretrainTask, outcome: PretrainOutcome): PretrainResult {
  const { done, doneNow, checkpoint, last, meanLevel, seconds } = outcome;
  return {
    out,
    checkpoint: checkpoint!,
    steps: done,
    stepsNow: doneNow,
    rec: last?.rec ?? NaN,
    align: last?.align ?? null,
    loss: last?.loss ?? NaN,
    meanLevel,
    valRec: last?.valRec ?? null,
    seconds,
    imagesPerSecond: doneNow === 0 ? 0 : doneNow * config.batch * config.accumulate / seconds,
  };
}
