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
import { evaluate } from "./evaluator.ts";
import type { PretrainObserver, StepMetrics } from "./events.ts";
import { openFeed } from "./feed.ts";
import { evaluationGraph, gradientGraph } from "./graphs/gradient.ts";
import { CPU_CHUNK } from "./layout.ts";
import { train } from "./loop.ts";
import { MetricsFile } from "./metrics_file.ts";
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
  readonly last: StepMetrics | null;
  readonly meanLevel: number;
  readonly valRec: number | null;
  readonly seconds: number;
}

/** Evaluation looks at this share of the shorter side, unless images are stored at the model's size or the model sees more than 224 pixels. */
const CENTRE = 0.875;

/**
 * Runs a task to its end, or until `stopped` is true after a step.
 *
 * @throws {DataError} if the dataset or a checkpoint cannot be used.
 * @throws {DivergedError} if a loss or gradient is not finite.
 */
export async function runPretraining(
  task: PretrainTask,
  observer: Required<Pick<PretrainObserver, "start" | "step" | "epoch" | "checkpoint">>,
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

  const whole = size === model.imageSize;
  const crop = whole ? null : { centre: model.imageSize > 224 ? 1 : CENTRE };
  const graph = evaluationGraph(config, sizes);
  const evaluation = stack.use(environment.session(graph.model, session));
  const heldOut = counts.val >= batch ? "val" : null;
  const held = stack.use(
    await openLoader({ ...reading, split: heldOut ?? "train", shuffle: false, crop, slots: 2 }),
  );
  const heldFeed = stack.use(openFeed(environment, allocator, held));
  const evaluateOn = (microBatches: number) => {
    const batches = function* () {
      for (let i = 0; i < microBatches; i++) {
        const microBatch = held.next();
        yield heldFeed.tensors(microBatch);
        held.release(microBatch);
      }
    };
    return evaluate(evaluation, graph, engine.state, batches());
  };
  // A whole pass, so that the next evaluation starts from the beginning again
  const passOf = held.microBatchesPerEpoch;
  const meanLevel = evaluateOn(heldOut ? passOf : 1).mean;

  observer.start({
    config,
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    trainCount: counts.train,
    valCount: counts.val,
    step: done,
    meanLevel,
  });
  const metrics = stack.use(new MetricsFile(out, done));
  const outcome = { checkpoint: place?.path ?? null, last: null, valRec: null } as {
    checkpoint: string | null;
    last: StepMetrics | null;
    valRec: number | null;
  };
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
    evaluate: () => heldOut ? evaluateOn(passOf).rec : null,
    save: (step) => {
      const saved = saveCheckpoint(out, step, {
        model: modelTensors(engine.state, config),
        state: engine.state.optimiser(),
        position: { microBatch: step * accumulate, seed },
      });
      outcome.checkpoint = saved.path;
      observer.checkpoint(saved.path, step);
    },
    stopped,
  }, {
    step: (event) => {
      outcome.last = event;
      metrics.write(event);
      observer.step(event);
    },
    epoch: (event) => {
      outcome.valRec = event.valRec;
      metrics.write(event);
      observer.epoch(event);
    },
  });
  const seconds = (performance.now() - began) / 1000;
  return { ...outcome, done: after, doneNow: after - done, meanLevel, seconds };
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
