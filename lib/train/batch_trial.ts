/** Steps of a configuration on drawn images, to see whether they fit into memory and how long they take. */
import { random } from "../tensor/mod.ts";
import { availableMemory, Environment, openDeviceContext, parseDevice } from "../runtime/mod.ts";
import type { DeviceContext, Tensor } from "../runtime/mod.ts";
import { type BatchLayout, batchLayout, batchViews } from "../data/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { Job } from "./job.ts";
import { isOutOfMemory } from "./memory_watch.ts";
import type { ModelSpec } from "./model_spec.ts";
import { openEngine } from "./open_engine.ts";
import { PRECISION_OPTIONS } from "./precision.ts";

/** What to try. */
export interface TrialTask<C extends RunConfig> {
  readonly config: C;
  /** Pixels a side of the stored images. */
  readonly storedSize: number;
  /** How long to measure. */
  readonly seconds: number;
}

/** A trial, or how much memory there is. */
export type TrialQuestion<C extends RunConfig> = TrialTask<C> | Pick<TrialTask<C>, "config">;

/** Fewest steps that are measured, after one that is not. */
const STEPS = 2;

/**
 * The job of trying a kind's models: images a second of the fastest step, null if memory runs out or the job is stopped; or bytes
 * that a run may take, if it is asked for these. In a Worker for it alone, so that what it took is gone when it ends.
 *
 * @internal
 */
export function batchTrial<C extends RunConfig>(
  model: ModelSpec<C>,
): Job<TrialQuestion<C>, number | null> {
  return (question, _observer, { stopped }) => {
    try {
      if ("seconds" in question) return tryBatch(model, question, stopped);
      return memoryFor(question.config);
    } catch (cause) {
      if (isOutOfMemory(cause)) return null;
      throw cause;
    }
  };
}

function tryBatch<C extends RunConfig>(
  model: ModelSpec<C>,
  { config, storedSize, seconds }: TrialTask<C>,
  stopped: () => boolean,
): number | null {
  const accumulate = Math.min(config.accumulate, 2); // adding up takes memory, but a second time no more
  const { tf32 } = PRECISION_OPTIONS[config.precision];
  using environment = Environment.open();
  using context = openDeviceContext(parseDevice(config.device), environment);
  using engine = openEngine(context, { ...config, accumulate }, {
    model,
    storedSize,
    session: { threads: config.threads, tf32 },
  });
  engine.state.initialise(config.seed);
  using stack = new DisposableStack();
  const sizes = { batch: config.batch, size: storedSize, ...model.fields(config) };
  const batch = drawn(context, stack, batchLayout(sizes));

  const step = () => {
    const began = performance.now();
    for (let i = 0; i < accumulate; i++) engine.microBatch(batch);
    engine.step(config.schedule.lr).read();
    return (performance.now() - began) / 1000;
  };
  step();
  let [fastest, spent] = [Infinity, 0];
  for (let i = 0; i < STEPS || spent < seconds; i++) {
    if (stopped()) return null;
    const took = step();
    fastest = Math.min(fastest, took);
    spent += took;
  }
  return config.batch * accumulate / fastest;
}

/** Bytes that a run on the configuration's device may take. */
function memoryFor({ device }: Pick<RunConfig, "device">): number {
  if (device === "cpu") return availableMemory();
  using environment = Environment.open();
  using context = openDeviceContext(parseDevice(device), environment);
  return context.memory()?.free ?? availableMemory();
}

/** A batch of uncropped images, one of them again and again, with random numbers of its own for each. */
function drawn(
  context: DeviceContext,
  stack: DisposableStack,
  layout: BatchLayout,
): Record<string, Tensor> {
  const draw = random({ seed: 0, purpose: "draw" });
  const bytes = new ArrayBuffer(layout.byteLength);
  const views = batchViews(layout, bytes, 0);
  const { images, boxes, noise, draws, mix } = views;
  const image = layout.size ** 2 * 3;
  for (let i = 0; i < image; i++) images[i] = draw.below(256);
  for (let i = image; i < images.length; i += image) images.copyWithin(i, 0, image);
  for (let i = 0; i < boxes.length; i++) boxes[i] = i % 4 < 2 ? 0 : layout.size;
  for (const values of [noise, draws, mix]) {
    for (let i = 0; i < values.length; i++) values[i] = draw.uniform();
  }
  const read = Object.entries(layout.fields).filter(([, { byteLength }]) => byteLength > 0);
  return Object.fromEntries(read.map(([name, { dtype, shape, byteOffset, byteLength }]) => {
    const buffer = stack.use(context.allocator.allocate(byteLength));
    buffer.upload(new Uint8Array(bytes, byteOffset, byteLength));
    return [name, stack.use(context.environment.tensor(buffer, { dtype, shape }))];
  }));
}
