/** Training of any kind in the thread that owns ONNX Runtime. */
import {
  availableMemory,
  type DeviceContext,
  Environment,
  openDeviceContext,
  parseDevice,
  versionWarning,
} from "../runtime/mod.ts";
import type { Loader } from "../data/mod.ts";
import { loadCheckpoint } from "../checkpoint/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import { warmupCosine } from "../optim/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import { BestCheckpoint } from "./best_checkpoint.ts";
import { Diverging } from "./diverging.ts";
import { CheckpointWriter } from "./checkpoint_writer.ts";
import type { Engine } from "./engine.ts";
import { openFeed } from "./feed.ts";
import type { JobObserver, JobOptions } from "./job.ts";
import type { OpenedRun, TrainingKind, TrainTask } from "./kind.ts";
import { train } from "./loop.ts";
import type { RunMemory } from "./memory.ts";
import { MemoryWatch } from "./memory_watch.ts";
import type { EpochOf, Figures } from "./metrics.ts";
import { MetricsFile } from "./metrics_file.ts";
import { openEngine } from "./open_engine.ts";
import { PlacementWatch } from "./placement.ts";
import { PRECISION_OPTIONS } from "./precision.ts";
import { rateFactor } from "./rollbacks.ts";
import { attachStreams } from "./streams.ts";

/** What the run came to. */
export interface TrainOutcome {
  readonly done: number;
  readonly doneNow: number;
  readonly checkpoint: string | null;
  /** What was told of the last step and of the last epoch; null if the run has none. */
  readonly step: Figures | null;
  readonly epoch: Figures | null;
  /** What the kind told at the start. */
  readonly start: Readonly<Record<string, number>>;
  /** The best evaluation, if the kind keeps its model. */
  readonly best: { readonly step: number; readonly figure: number } | null;
  /** What the kind ended a finished run with. */
  readonly end: Figures | null;
  readonly seconds: number;
}

/**
 * Runs a task to its end, or until `stopped` gives true after a step. Blocks all the while; the task's streams must have been
 * started.
 *
 * @throws {DataError} if the dataset or a checkpoint cannot be used.
 * @throws {EnvironmentError} if ONNX Runtime or the device cannot be used, or puts more on the host than it should.
 * @throws {OutOfMemoryError} if the run takes more memory than there is.
 * @throws {DivergedError} if a loss or gradient is not finite.
 *
 * @internal
 */
export function runTraining<C extends RunConfig, F>(
  kind: TrainingKind<C, F>,
  task: TrainTask<C, F>,
  observer: JobObserver,
  { stopped, openContext = openDeviceContext }: JobOptions,
): TrainOutcome {
  const { config, from, storedSize } = task;
  using stack = new DisposableStack();
  const loaders = attachStreams(task.streams);
  for (const loader of Object.values(loaders)) stack.use(loader);
  const context = openComputer(stack, config, { ...observer, openContext });
  const watch = new MemoryWatch(config, {
    model: kind.model,
    storedSize,
    available: context.memory()?.free ?? availableMemory(),
    isResumed: from !== null,
  });
  if (watch.warning !== null) observer.warning(watch.warning);
  try {
    return runOn(context, kind, task, { observer, stopped, loaders, memory: watch.memory });
  } catch (error) {
    throw watch.explain(error);
  }
}

/**
 * Opens ONNX Runtime and a configuration's device on a stack.
 *
 * @internal
 */
export function openComputer(
  stack: DisposableStack,
  { device }: Pick<RunConfig, "device">,
  { warning, openContext = openDeviceContext }:
    & Pick<JobObserver, "warning">
    & Pick<JobOptions, "openContext">,
): DeviceContext {
  // On a device only scalars and shapes are in host memory
  const sharedArena = device === "cpu" ? { sharedArena: {} } : {};
  const environment = stack.use(Environment.open(sharedArena));
  const text = versionWarning(environment);
  if (text !== null) warning(text);
  return stack.use(openContext(parseDevice(device), environment));
}

/** What is there once the device is open. */
interface Surroundings {
  readonly observer: JobObserver;
  readonly stopped: () => boolean;
  readonly loaders: Readonly<Record<string, Loader>>;
  readonly memory: RunMemory;
}

/** Trains on an open device. */
function runOn<C extends RunConfig, F>(
  context: DeviceContext,
  kind: TrainingKind<C, F>,
  task: TrainTask<C, F>,
  { observer, stopped, loaders, memory }: Surroundings,
): TrainOutcome {
  const { out, config, from, storedSize } = task;
  const { schedule, batch, accumulate, seed, threads, checkpointEvery } = config;
  const { warning } = observer;
  using stack = new DisposableStack();
  const placement = new PlacementWatch({ strict: task.strictDevice });
  const session = { threads, tf32: PRECISION_OPTIONS[config.precision].tf32, ...placement.options };
  const { model } = kind;
  const engine = stack.use(openEngine(context, config, { model, storedSize, session, warning }));
  if (from !== null) {
    restore(engine, from.path);
  } else {
    engine.state.initialise(seed);
    kind.start?.(engine, config);
  }
  const done = from?.step ?? 0;

  const microBatches = (schedule.steps - done) * accumulate;
  const feed = stack.use(openFeed(context, loaders.train!, { microBatches }));
  const run: OpenedRun<C, F> = { context, session, engine, task, loaders, warning };
  const attending = stack.use(kind.attend(run));
  observer.start({
    config,
    device: task.deviceReason,
    memory,
    nodes: placement.counts,
    parameters: model.parameters(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    step: done,
    ...attending.start,
  });
  const { trial } = task;
  const metrics = stack.use(trial === undefined ? new MetricsFile(out, done) : UNWRITTEN);
  const best = attending.best && trial === undefined
    ? new BestCheckpoint(out, attending.best, metrics.history)
    : null;
  const writer = new CheckpointWriter(out, from?.path ?? null, task.keeping);
  const { state } = engine;
  const diverging = new Diverging(
    task,
    { context, config, model, storedSize, session, state },
    warning,
  );
  const { rollbacks = [] } = task;
  let tried = 0;
  let last: Pick<TrainOutcome, "step" | "epoch"> = {
    step: metrics.history.step,
    epoch: figuresOf(metrics.history.epochs.at(-1)),
  };
  const began = performance.now();
  const after = train({
    engine,
    feed,
    figures: kind.figures,
    lr: (done) => warmupCosine(schedule, done) * rateFactor(rollbacks, done),
    accumulate,
    batch,
    stepsPerEpoch: schedule.stepsPerEpoch,
    steps: schedule.steps,
    done,
    checkpointEvery,
    isDue: () => writer.isDue(),
    evaluate: attending.evaluate,
    save: (step) => {
      if (trial !== undefined) return;
      metrics.sync();
      const path = writer.write(step, {
        model: attending.model(),
        state: engine.state.optimiser(),
        position: { microBatch: step * accumulate, seed },
      });
      observer.checkpoint(path, step);
    },
    ...trial === undefined ? { diverged: (facts) => diverging.diverged(facts) } : {},
    stopped: () => stopped() || tried >= (trial ?? Infinity),
  }, {
    step: (event) => {
      tried++;
      last = { ...last, step: figuresOf(event) };
      metrics.write(event);
      observer.step(event);
    },
    epoch: (event) => {
      last = { ...last, epoch: figuresOf(event) };
      best?.offer(event as EpochOf<Figures>);
      metrics.write(event);
      observer.epoch(event);
    },
  });
  const end = after === schedule.steps ? attending.finish?.(best?.load() ?? null) ?? null : null;
  return {
    done: after,
    doneNow: after - done,
    checkpoint: writer.last,
    ...last,
    start: attending.start,
    best: best?.best ?? null,
    end,
    seconds: (performance.now() - began) / 1000,
  };
}

/** What stands for the metrics of a dry run. */
const UNWRITTEN: Pick<MetricsFile, "history" | "write" | "sync"> & Disposable = {
  history: { step: null, epochs: [] },
  write: () => {},
  sync: () => {},
  [Symbol.dispose]: () => {},
};

/** The numbers of an event. */
function figuresOf(event: object | undefined): Figures | null {
  return event === undefined ? null : { ...event } as Figures;
}

function restore(engine: Engine, path: string): void {
  const { model, state } = loadCheckpoint(path);
  engine.state.loadModel(model.tensors);
  engine.state.loadOptimiser(state.tensors);
}
