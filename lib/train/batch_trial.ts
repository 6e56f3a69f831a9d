/** Steps of a configuration on drawn images, to see whether they fit into memory and how long they take. */
import { random, type Shape, sizeOf } from "../tensor/mod.ts";
import { availableMemory, Environment, openDeviceContext, parseDevice } from "../runtime/mod.ts";
import type { DeviceContext, Tensor } from "../runtime/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { patchCount } from "../vit/mod.ts";
import { openEngine } from "./open_engine.ts";
import { PRECISION_OPTIONS } from "./precision.ts";
import { PRETRAINING } from "./pretraining.ts";

/** What to try. */
export interface TrialTask {
  readonly config: PretrainConfig;
  /** Pixels a side of the stored images. */
  readonly storedSize: number;
  /** How long to measure. */
  readonly seconds: number;
}

/** Fewest steps that are measured, after one that is not. */
const STEPS = 2;

/** Images a second of the fastest step. @throws what ONNX Runtime throws, if memory runs out. */
export function tryBatch({ config, storedSize, seconds }: TrialTask): number {
  const accumulate = Math.min(config.accumulate, 2); // adding up takes memory, but a second time no more
  const { tf32 } = PRECISION_OPTIONS[config.precision];
  using environment = Environment.open();
  using context = openDeviceContext(parseDevice(config.device), environment);
  using engine = openEngine(context, { ...config, accumulate }, {
    model: PRETRAINING,
    storedSize,
    session: { threads: config.threads, tf32 },
  });
  engine.state.initialise(config.seed);
  using stack = new DisposableStack();
  const images = drawn(context, stack, { config, storedSize });

  const step = () => {
    const began = performance.now();
    for (let i = 0; i < accumulate; i++) engine.microBatch(images);
    engine.step(config.schedule.lr).read();
    return (performance.now() - began) / 1000;
  };
  step();
  let [fastest, spent] = [Infinity, 0];
  for (let i = 0; i < STEPS || spent < seconds; i++) {
    const took = step();
    fastest = Math.min(fastest, took);
    spent += took;
  }
  return config.batch * accumulate / fastest;
}

/** Bytes that a run on the configuration's device may take. */
export function memoryFor({ device }: Pick<PretrainConfig, "device">): number {
  if (device === "cpu") return availableMemory();
  using environment = Environment.open();
  using context = openDeviceContext(parseDevice(device), environment);
  return context.memory()?.free ?? availableMemory();
}

/** One drawn image again and again, uncropped, with noise of its own for each. */
function drawn(
  context: DeviceContext,
  stack: DisposableStack,
  { config: { batch, model }, storedSize: S }: Omit<TrialTask, "seconds">,
): Record<string, Tensor> {
  const draw = random({ seed: 0, purpose: "draw" });
  const tensor = (dtype: "uint8" | "float32", shape: Shape, data: Uint8Array | Float32Array) => {
    const buffer = stack.use(context.allocator.allocate(data.byteLength));
    buffer.upload(new Uint8Array(data.buffer));
    return stack.use(context.environment.tensor(buffer, { dtype, shape }));
  };
  const image = Uint8Array.from({ length: S * S * 3 }, () => draw.below(256));
  const images = new Uint8Array(batch * image.length);
  for (let i = 0; i < batch; i++) images.set(image, i * image.length);
  const floats = (shape: Shape, at: (i: number) => number) =>
    tensor("float32", shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => at(i)));
  return {
    images: tensor("uint8", [batch, S, S, 3], images),
    boxes: floats([batch, 4], (i) => i % 4 < 2 ? 0 : S),
    flips: floats([batch], () => 0),
    noise: floats([batch, patchCount(model)], () => draw.uniform()),
  };
}
