/** Pretraining in the thread that owns ONNX Runtime. */
import {
  availableMemory,
  type DeviceContext,
  Environment,
  openDeviceContext,
  parseDevice,
  versionWarning,
} from "../runtime/mod.ts";
import type { Loader } from "../data/mod.ts";
import { type CheckpointPlace, loadCheckpoint, saveCheckpoint } from "../checkpoint/mod.ts";
import { pretrainingBuffers, pretrainingParameters } from "../ccmim/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import { warmupCosine } from "../optim/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { Engine } from "./engine.ts";
import type { RunObserver } from "./events.ts";
import { openFeed } from "./feed.ts";
import { gradientGraph } from "./graphs/gradient.ts";
import { openHeldOut } from "./held_out.ts";
import { train } from "./loop.ts";
import type { RunMemory } from "./memory.ts";
import { MemoryWatch } from "./memory_watch.ts";
import { type LastLosses, MetricsFile } from "./metrics_file.ts";
import { modelTensors } from "./model_file.ts";
import { PlacementWatch } from "./placement.ts";
import { PRECISION_OPTIONS } from "./precision.ts";
import { attachStreams, type Streams } from "./streams.ts";

/** A run that is ready to be trained. Can be posted to another thread. */
export interface PretrainTask {
  readonly out: string;
  readonly config: PretrainConfig;
  /** The checkpoint to go on from; null starts anew. */
  readonly from: CheckpointPlace | null;
  readonly streams: Streams;
  /** See {@linkcode PretrainRequest}. */
  readonly strictDevice: boolean;
  /** Why the configuration's device was taken, in one line. */
  readonly deviceReason: string;
}

/** What the run came to. */
export interface PretrainOutcome {
  readonly done: number;
  readonly doneNow: number;
  readonly checkpoint: string | null;
  /** null if the run has no step. */
  readonly last: LastLosses | null;
  readonly meanLevel: number;
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
 */
export function runPretraining(
  task: PretrainTask,
  observer: RunObserver,
  options: {
    readonly stopped: () => boolean;
    /** Opens the configuration's device; {@linkcode openDeviceContext} unless given. */
    readonly openContext?: typeof openDeviceContext;
  },
): PretrainOutcome {
  const { stopped, openContext = openDeviceContext } = options;
  const { config, from, streams } = task;
  using stack = new DisposableStack();
  const loaders = attachStreams(streams);
  stack.use(loaders.train);
  stack.use(loaders.heldOut);
  // On a device only scalars and shapes are in host memory
  const sharedArena = config.device === "cpu" ? { sharedArena: {} } : {};
  const environment = stack.use(Environment.open(sharedArena));
  const warning = versionWarning(environment);
  if (warning !== null) observer.warning(warning);
  const context = stack.use(openContext(parseDevice(config.device), environment));
  const watch = new MemoryWatch(config, {
    storedSize: streams.storedSize,
    available: context.memory()?.free ?? availableMemory(),
    isResumed: from !== null,
  });
  if (watch.warning !== null) observer.warning(watch.warning);
  try {
    return runOn(context, task, { observer, stopped, loaders, memory: watch.memory });
  } catch (error) {
    throw watch.explain(error);
  }
}

/** Trains on an open device. */
function runOn(
  context: DeviceContext,
  task: PretrainTask,
  { observer, stopped, loaders, memory }: {
    readonly observer: RunObserver;
    readonly stopped: () => boolean;
    readonly loaders: { readonly train: Loader; readonly heldOut: Loader };
    readonly memory: RunMemory;
  },
): PretrainOutcome {
  const { out, config, from, streams } = task;
  const { schedule, batch, accumulate, seed, threads, recompute } = config;
  const { counts, storedSize, isHeldOut } = streams;
  using stack = new DisposableStack();
  const placement = new PlacementWatch({ strict: task.strictDevice });
  const { lower, tf32 } = PRECISION_OPTIONS[config.precision];
  const session = { threads, tf32, ...placement.options };
  const sizes = { batch, storedSize, crop: true };
  const parameters = pretrainingParameters(config);
  const engine = stack.use(
    new Engine(context, {
      parameters,
      buffers: pretrainingBuffers(config),
      gradient: gradientGraph(config, sizes, { lower, recompute }),
      accumulate,
      optimiser: config.optimiser,
      session,
      warning: observer.warning,
    }),
  );

  if (from === null) engine.state.initialise(seed);
  else restore(engine, from.path);
  const done = from?.step ?? 0;

  const microBatches = (schedule.steps - done) * accumulate;
  const feed = stack.use(openFeed(context, loaders.train, { microBatches }));
  const heldOut = stack.use(openHeldOut({
    context,
    session,
    state: engine.state,
    config,
    sizes,
    lower,
    loader: loaders.heldOut,
    isHeldOut,
  }));
  const { meanLevel } = heldOut;
  if (counts.val > 0 && !isHeldOut) {
    observer.warning(
      `The val split has ${counts.val} images, less than a micro-batch of ${batch}: no held-out loss`,
    );
  }

  observer.start({
    config,
    device: task.deviceReason,
    memory,
    nodes: placement.counts,
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    trainCount: counts.train,
    valCount: counts.val,
    step: done,
    meanLevel,
  });
  const metrics = stack.use(new MetricsFile(out, done));
  let checkpoint = from?.path ?? null;
  let last = metrics.last;
  const began = performance.now();
  const after = train({
    engine,
    feed,
    lr: (done) => warmupCosine(schedule, done),
    accumulate,
    batch,
    stepsPerEpoch: schedule.stepsPerEpoch,
    steps: schedule.steps,
    done,
    checkpointEvery: config.checkpointEvery,
    evaluate: heldOut.evaluate,
    save: (step) => {
      const saved = saveCheckpoint(out, step, {
        model: modelTensors(engine.state, config),
        state: engine.state.optimiser(),
        position: { microBatch: step * accumulate, seed },
      });
      checkpoint = saved.path;
      observer.checkpoint(saved.path, step);
    },
    stopped,
  }, {
    step: (event) => {
      last = { ...event, valRec: last?.valRec ?? null };
      metrics.write(event);
      observer.step(event);
    },
    epoch: (event) => {
      if (last) last = { ...last, valRec: event.valRec };
      metrics.write(event);
      observer.epoch(event);
    },
  });
  const seconds = (performance.now() - began) / 1000;
  return { done: after, doneNow: after - done, checkpoint, last, meanLevel, seconds };
}

function restore(engine: Engine, path: string): void {
  const { model, state } = loadCheckpoint(path);
  engine.state.loadModel(model.tensors);
  engine.state.loadOptimiser(state.tensors);
}
