/** A training run as the main thread sees it: its folder, its streams, its end. */
import { join } from "node:path";
import { type CheckpointPlace, cleanCheckpoints, soundCheckpoint } from "../checkpoint/mod.ts";
import { DataError } from "../data/mod.ts";
import { checkFolderPlace, removeLeftovers } from "../files/mod.ts";
import type { DeviceOption, Duration, RunConfig } from "../recipes/mod.ts";
import { chooseDevice, showDevice } from "../runtime/mod.ts";
import { BEST } from "./best_checkpoint.ts";
import { DIVERGENCE, readDivergence } from "./divergence.ts";
import type { OnDivergence } from "./diverging.ts";
import { InterruptedError } from "./errors.ts";
import { type CheckpointOptions, resolveKeeping } from "./keeping.ts";
import type { TrainTask } from "./kind.ts";
import { createRun, discardRun, identifyDataset, readRun, refuseTaken } from "./run_folder.ts";
import { lockRun } from "./run_lock.ts";
import { MOST_ROLLBACKS, readRollbacks, rollbackTo, writeRollbacks } from "./rollbacks.ts";
import { type JobListener, postJob } from "./run_job.ts";
import type { RunKind } from "./run_kind.ts";
import { startStreams } from "./streams.ts";
import type { TrainOutcome } from "./trainer.ts";

/** What every request for a run says. */
export interface RunRequest<O> {
  /** Folder of the packed dataset. */
  readonly data: string;
  /** Folder of the run: config.json, metrics.jsonl, checkpoints. */
  readonly out: string;
  /** What is asked for; what is left out has a default. */
  readonly options: O;
  /**
   * On a GPU, whether to fail if ONNX Runtime puts a node with more than scalars and shapes on the host. Default
   * true.
   */
  readonly strictDevice?: boolean;
  /** Threads that read images ahead of the step; the result does not depend on it. As many as the dataset needs unless given. */
  readonly dataWorkers?: number;
  /** When checkpoints are written for the time, and which stay. */
  readonly checkpoints?: CheckpointOptions;
  /** What happens when a loss or a gradient is not finite. Default `stop`. */
  readonly onDivergence?: OnDivergence;
  /** Go on from the run's last checkpoint. Options that are given must agree with the run's. */
  readonly resume: boolean;
}

/** Options that all kinds of runs have, and that change nothing in what is computed. */
interface CommonOptions {
  readonly device?: DeviceOption | undefined;
  readonly checkpointEvery?: Duration | undefined;
}

/** How a kind of run is planned. */
export interface RunPlan<C extends RunConfig, F, O extends CommonOptions> {
  readonly kind: RunKind<C>;
  /** The configuration of a run that goes on. @throws {ConfigError} if the options contradict it. */
  resume(saved: C, options: O): C;
  /** The configuration of a new run. @throws {ConfigError} if it cannot be. */
  resolve(options: O): C | Promise<C>;
  /** What the run reads after `done` steps. */
  streams(
    config: C,
    reading: { readonly done: number; readonly dataWorkers?: number },
  ): Pick<TrainTask<C, F>, "streams" | "facts" | "storedSize">;
}

/** A run that is ready to be trained, and whether its folder was made for it. */
export interface PlannedRun<C extends RunConfig, F> {
  readonly task: TrainTask<C, F>;
  readonly kind: RunKind<C>;
  readonly isNew: boolean;
  /** Keeps others out of the run's folder until it is disposed; null if nothing is written there. */
  readonly lock: Disposable | null;
  /** What to go on with after an error: null if the run ends with it. */
  readonly goBack: (error: unknown) => TrainTask<C, F> | null;
}

/**
 * Resolves and checks everything, and makes the run's folder if it is a new run. From then on it is this process's.
 *
 * @param how.dry makes nothing.
 * @param how.replaces takes a run that is there for removed, which is only for what makes nothing.
 * @throws {ConfigError} if a file is on the way to the run's folder.
 * @throws {WriteError} if nothing can be written there.
 * @throws {LockedError} if another process trains there.
 *
 * @internal
 */
export async function planRun<C extends RunConfig, F, O extends CommonOptions>(
  request: RunRequest<O>,
  plan: RunPlan<C, F, O>,
  warning: (text: string) => void = () => {},
  { dry = false, replaces = false } = {},
): Promise<PlannedRun<C, F>> {
  checkFolderPlace(request.out);
  const lock = dry ? null : lockRun(request.out, warning);
  try {
    return { ...await planLocked(request, plan, { warning, dry, replaces }), lock };
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
}

async function planLocked<C extends RunConfig, F, O extends CommonOptions>(
  { data, out, options, resume, strictDevice = true, onDivergence = "stop", ...rest }: RunRequest<
    O
  >,
  plan: RunPlan<C, F, O>,
  { warning, dry, replaces }: {
    readonly warning: (text: string) => void;
    readonly dry: boolean;
    readonly replaces: boolean;
  },
): Promise<Omit<PlannedRun<C, F>, "lock">> {
  const { kind } = plan;
  const { command, parse } = kind;
  const reading = rest.dataWorkers === undefined ? {} : { dataWorkers: rest.dataWorkers };
  const dataset = identifyDataset(data);
  const taskOf = (
    config: C,
    { from, deviceReason }: Pick<TrainTask<C, F>, "from" | "deviceReason">,
  ): TrainTask<C, F> => {
    const minutes = options.checkpointEvery === undefined ? {} : { minutes: null };
    const keeping = resolveKeeping({ ...minutes, ...rest.checkpoints }, config);
    const rollbacks = readRollbacks(out);
    const streams = plan.streams(config, { ...reading, done: from?.step ?? 0 });
    const common = { command, out, config, onDivergence, strictDevice, deviceReason };
    return { ...common, from, keeping, rollbacks, ...streams };
  };
  const planned = (task: TrainTask<C, F>, isNew: boolean) => {
    const goBack = (error: unknown) => {
      if (onDivergence !== "rollback" || !goBackFrom(error, out, warning)) return null;
      return taskOf(task.config, { ...task, from: findCheckpoint(out, warning) });
    };
    return { task, kind, isNew, goBack };
  };
  if (!dry) cleanRun(out);
  const saved = resume ? readRun(out, { command, dataset, parse }) : null;
  if (saved !== null) {
    const { device, reason } = choose(options.device ?? saved.device);
    const config = plan.resume(saved, { ...options, device });
    const from = findCheckpoint(out, warning);
    return planned(taskOf(config, { from, deviceReason: reason }), false);
  }
  if (resume) warning(`${out} holds no run to go on with: a new one starts`);
  const { device, reason } = choose(options.device ?? "auto");
  if (!replaces) refuseTaken(out);
  const config = await plan.resolve({ ...options, device });
  const task = taskOf(config, { from: null, deviceReason: reason });
  if (!dry) createRun(out, { command, config, dataset });
  return planned(task, true);
}

/**
 * Writes down that a run goes back to its last checkpoint, if it may after this error.
 *
 * @returns whether it does.
 */
function goBackFrom(error: unknown, out: string, warning: (text: string) => void): boolean {
  if (!(error instanceof Error) || error.name !== "DivergedError") return false;
  const before = readRollbacks(out);
  if (before.length >= MOST_ROLLBACKS) return false;
  const { step } = readDivergence(join(out, DIVERGENCE));
  const from = findCheckpoint(out, () => {})?.step ?? 0;
  const rollback = rollbackTo(from, step);
  writeRollbacks(out, [...before, rollback]);
  warning(
    `${error.message.split(";")[0]}; back to step ${from} with half the learning rate up to step ` +
      `${rollback.until} (${before.length + 1} of ${MOST_ROLLBACKS} times)`,
  );
  return true;
}

/** Removes what interrupted writes have left. */
function cleanRun(out: string): void {
  removeLeftovers(out);
  cleanCheckpoints(out);
  cleanCheckpoints(join(out, BEST));
}

/**
 * The checkpoint to go on from; null if there is none.
 *
 * @throws {DataError} if there are some, and none is whole.
 */
function findCheckpoint(out: string, warning: (text: string) => void): CheckpointPlace | null {
  let damaged = 0;
  const from = soundCheckpoint(out, ({ step }, reason) => {
    damaged++;
    warning(`The checkpoint of step ${step} is passed over: ${reason}`);
  });
  if (from !== null) return from;
  if (damaged > 0) {
    throw new DataError(
      `Cannot resume ${out}: none of its ${damaged} checkpoints is whole; start a new run in another folder`,
    );
  }
  warning(`${out} holds no checkpoint yet: the run starts from its beginning`);
  return null;
}

/**
 * Trains to the run's end, again from a checkpoint where the run goes back to one. A new run's folder is taken back if training
 * never began.
 *
 * @throws {InterruptedError} if `signal` fired before the last step; a checkpoint of the last step has been written.
 *
 * @internal
 */
export async function finishRun<Outcome extends TrainOutcome>(
  planned: PlannedRun<RunConfig, unknown>,
  listener: JobListener,
): Promise<Outcome> {
  const { kind: { worker, command: job } } = planned;
  using _lock = planned.lock;
  let { task } = planned;
  let outcome: Outcome | null = null;
  while (outcome === null) {
    try {
      using _workers = await startStreams(task.streams);
      outcome = await postJob<typeof task, Outcome>(worker, { job, task }, listener);
    } catch (error) {
      const next = planned.goBack(error);
      if (next === null) {
        if (planned.isNew) discardRun(task.out);
        throw error;
      }
      task = next;
    }
  }
  const { steps } = task.config.schedule;
  if (outcome.done < steps) {
    const { done, checkpoint } = outcome;
    throw new InterruptedError(
      `Stopped after ${done} of ${steps} steps; go on with --resume` +
        (checkpoint === null ? "" : ` (checkpoint: ${checkpoint})`),
    );
  }
  return outcome;
}

/** The device that is asked for, by the name that a configuration holds, and why it was taken. */
function choose(option: DeviceOption): { device: DeviceOption; reason: string } {
  const { device, reason } = chooseDevice(option);
  return { device: showDevice(device) as DeviceOption, reason };
}
