/** A training run as `pretrain` makes it, step by step and with marks in between. */
import { attachLoader, planLoader, startDataWorkers } from "../../lib/data/mod.ts";
import {
  type Device,
  type DeviceContext,
  Environment,
  type Mark,
  openDeviceContext,
  type SessionOptions,
} from "../../lib/runtime/mod.ts";
import { pretrainingBuffers, pretrainingParameters } from "../../lib/ccmim/mod.ts";
import type { Method, Precision } from "../../lib/recipes/mod.ts";
import { Engine, evaluationGraph, gradientGraph, type Pending } from "../../lib/train/mod.ts";
import { type Feed, openFeed } from "../../lib/train/feed.ts";
import { PRECISION_OPTIONS } from "../../lib/train/precision.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { type ConfigurationName, CONFIGURATIONS, pretrainingConfig } from "./configurations.ts";
import { graphFlops } from "./flops.ts";

/** What is run. */
export interface RunOptions {
  readonly device: Device;
  readonly name: ConfigurationName;
  readonly method: Method;
  readonly precision: Precision;
  readonly batch: number;
  readonly threads: number;
  /** Folder of a packed dataset. */
  readonly dataset: string;
  /** Added to the options of all sessions. */
  readonly session?: SessionOptions;
}

/** A step that was launched. */
export interface LaunchedStep {
  /** Its loss. Blocks until the step is done. */
  readonly loss: Pending<number>;
  /** Host seconds spent waiting for data, and launching. */
  readonly waited: number;
  readonly launching: number;
  /** Begin, batch there, gradient, finish, update. */
  readonly marks: readonly Mark[];
}

/** An engine with its data. */
export interface Run extends Disposable {
  readonly context: DeviceContext;
  readonly engine: Engine;
  /** Bytes of the device that were free before the run took any; null where the device is the host. */
  readonly free: number | null;
  /** Operations of a step's products. */
  readonly flops: number;
  /** Bytes of what a step reads of a batch. */
  readonly batchBytes: number;
  /** Launches the next step. The caller disposes its marks. */
  launch(): LaunchedStep;
  /** Also creates the session that measures held-out images, which is only placed. */
  openEvaluation(): void;
}

const FIELDS = ["images", "boxes", "flips", "noise"] as const;

/** Opens a run in fresh sessions; its data worker ends with it. */
export async function openRun(options: RunOptions): Promise<Run> {
  const { device, name, method, precision, batch, threads, dataset } = options;
  const config = pretrainingConfig(name, method);
  const { storedSize } = CONFIGURATIONS[name];
  const { lower, tf32 } = PRECISION_OPTIONS[precision];
  const task = planLoader({
    dataset,
    split: "train",
    batch,
    seed: 0,
    tokens: patchCount(config.model),
    crop: { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] },
  });
  await startDataWorkers(task);
  using opening = new DisposableStack();
  const loader = opening.use(attachLoader(task));
  const environment = opening.use(Environment.open());
  const context = opening.use(openDeviceContext(device, environment));
  const free = context.memory()?.free ?? null;
  const session = { threads, tf32, ...options.session };
  const sizes = { batch, storedSize, crop: true };
  const gradient = gradientGraph(config, sizes, { lower });
  const marks: Mark[] = [];
  const engine = opening.use(
    new Engine(context, {
      parameters: pretrainingParameters(config),
      buffers: pretrainingBuffers(config),
      gradient,
      accumulate: 1,
      optimiser: {
        kind: "adamw",
        betas: [0.9, 0.95],
        eps: 1e-8,
        weightDecay: 0.05,
        clipGrad: null,
      },
      session,
      launched: () => void marks.push(context.mark()),
    }),
  );
  engine.state.initialise(0);
  const feed: Feed = opening.use(openFeed(context, loader));
  const lr = 1.5e-4 * batch / 256;
  const stack = opening.move();
  return {
    context,
    engine,
    free,
    flops: graphFlops(gradient.model),
    batchBytes: FIELDS.reduce((sum, field) => sum + loader.layout.fields[field].byteLength, 0),
    launch: () => {
      const began = performance.now();
      const { waited } = feed;
      marks.push(context.mark());
      const { tensors, place } = feed.next();
      marks.push(context.mark());
      const losses = engine.microBatch(tensors, place);
      feed.done();
      const end = engine.step(lr);
      feed.readAhead();
      const waiting = feed.waited - waited;
      const loss = {
        read: () => {
          end.read();
          return losses.read().loss;
        },
      };
      const launching = (performance.now() - began) / 1000 - waiting;
      return { loss, waited: waiting, launching, marks: marks.splice(0) };
    },
    openEvaluation: () => {
      const graph = evaluationGraph(config, sizes, { lower });
      using _session = context.session(graph.model, session);
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** Launches `count` steps, each read after the next one is launched as training does. @returns their losses. */
export function takeSteps(run: Run, count: number): number[] {
  const losses: number[] = [];
  let before: LaunchedStep | null = null;
  const read = () => {
    if (before === null) return;
    losses.push(before.loss.read());
    for (const mark of before.marks) mark[Symbol.dispose]();
  };
  for (let i = 0; i < count; i++) {
    const launched = run.launch();
    read();
    before = launched;
  }
  read();
  return losses;
}
