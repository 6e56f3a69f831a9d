/** Pretraining in the thread that owns ONNX Runtime. */
import { Environment, hostAllocator, parseDevice } from "../runtime/mod.ts";
import { openDataset, openLoader } from "../data/mod.ts";
import { latestCheckpoint, loadCheckpoint, saveCheckpoint } from "../checkpoint/mod.ts";
import { pretrainingBuffers, pretrainingParameters } from "../ccmim/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import { patchCount } from "../vit/mod.ts";
import { warmupCosine } from "../optim/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { Engine } from "./engine.ts";
import type { PretrainObserver } from "./events.ts";
import { openFeed } from "./feed.ts";
import { gradientGraph } from "./graphs/gradient.ts";
import { openHeldOut } from "./held_out.ts";
import { CPU_CHUNK } from "./layout.ts";
import { train } from "./loop.ts";
import { type LastLosses, MetricsFile } from "./metrics_file.ts";
import { modelTensors } from "./model_file.ts";

/** A resolved run. */
export interface PretrainTask {
  readonly data: string;
  readonly out: string;
  readonly config: PretrainConfig;
  /** Go on from the last checkpoint in `out`. */
  readonly resume: boolean;
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
 * Runs a task to its end, or until `stopped` is true after a step.
 *
 * @throws {DataError} if the dataset or a checkpoint cannot be used.
 * @throws {DivergedError} if a loss or gradient is not finite.
 */
export async function runPretraining(
  task: PretrainTask,
  observer: Required<PretrainObserver>,
  stopped: () => boolean,
): Promise<PretrainOutcome> {
  const { data, out, config } = task;
  const { model, schedule, batch, accumulate, seed, threads } = config;
  using stack = new DisposableStack();
  const { size, counts } = describe(data);
  const device = parseDevice(config.device);
  const allocator = hostAllocator;
  const environment = stack.use(Environment.open());
  const session = { device, threads };
  const sizes = { batch, storedSize: size, crop: true };
  const parameters = pretrainingParameters(config);
  const engine = stack.use(
    new Engine(environment, allocator, {
      parameters,
      buffers: pretrainingBuffers(config),
      gradient: gradientGraph(config, sizes),
      chunk: CPU_CHUNK,
      accumulate,
      optimiser: config.optimiser,
      session,
    }),
  );

  const place = task.resume ? latestCheckpoint(out, { clean: true }) : null;
  if (place === null) engine.state.initialise(seed);
  else restore(engine, place.path);
  const done = place?.step ?? 0;

  const reading = { dataset: data, batch, seed, tokens: patchCount(model) };
  const loader = stack.use(
    await openLoader({
      ...reading,
      split: "train",
      crop: config.crop,
      microBatchesPerEpoch: schedule.stepsPerEpoch * accumulate,
      from: done * accumulate,
      until: Math.max(schedule.steps, done) * accumulate,
    }),
  );
  const feed = stack.use(openFeed(environment, allocator, loader));
  const heldOut = stack.use(
    await openHeldOut({
      environment,
      allocator,
      session,
      state: engine.state,
      config,
      sizes,
      reading,
      count: counts.val,
    }),
  );
  const { meanLevel } = heldOut;
  if (counts.val > 0 && counts.val < batch) {
    observer.warning(
      `The val split has ${counts.val} images, less than a micro-batch of ${batch}: no held-out loss`,
    );
  }

  observer.start({
    config,
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    trainCount: counts.train,
    valCount: counts.val,
    step: done,
    meanLevel,
  });
  const metrics = stack.use(new MetricsFile(out, done));
  let checkpoint = place?.path ?? null;
  let last = metrics.last;
  const began = performance.now();
  const after = train({
    engine,
    loader,
    tensors: feed.tensors,
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

function describe(data: string): { size: number; counts: { train: number; val: number } } {
  using dataset = openDataset(data);
  const { size, splits } = dataset.manifest;
  return { size, counts: { train: splits.train?.count ?? 0, val: splits.val?.count ?? 0 } };
}

function restore(engine: Engine, path: string): void {
  const { model, state } = loadCheckpoint(path);
  engine.state.loadModel(model.tensors);
  engine.state.loadOptimiser(state.tensors);
}
