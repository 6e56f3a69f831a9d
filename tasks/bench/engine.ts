/** An engine on resident random images, to be timed. */
import { arrayOver, DTYPES, random, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import {
  CPU,
  type Environment,
  openDeviceContext,
  type SessionOptions,
  type Tensor,
} from "../../lib/runtime/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingParameters,
} from "../../lib/ccmim/mod.ts";
import type { RewriteName } from "../../lib/graph/mod.ts";
import { Engine, gradientGraph } from "../../lib/train/mod.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";

/** What is timed. */
export interface BenchOptions {
  readonly name: ConfigurationName;
  /** `ccmim` or `mae`. */
  readonly method: string;
  readonly batch: number;
  /** Whether crops are cut and resized in the graph; else images of the model's size are just normalised. */
  readonly crops: boolean;
  readonly session: SessionOptions;
  /** Rewrites to apply; all unless given. */
  readonly rewrites?: readonly RewriteName[];
}

/** An engine that makes whole training steps. */
export interface BenchEngine extends Disposable {
  /** Makes one step and returns its loss. */
  step(): number;
}

/** Opens the engine and draws its batch. */
export function openBenchEngine(environment: Environment, options: BenchOptions): BenchEngine {
  const { name, method, batch, crops, session, rewrites } = options;
  const { model, storedSize } = CONFIGURATIONS[name];
  const isMae = method === "mae";
  const config: PretrainingConfig = {
    model,
    masking: { ratio: 0.75, sampling: isMae ? "random" : "importance", scoreTemperature: 1 },
    align: { weight: isMae ? 0 : 0.1, temperature: 0.5, gradient: "target" },
    normPixLoss: true,
  };
  const size = crops ? storedSize : model.imageSize;
  using opening = new DisposableStack();
  const { device = CPU, ...sessionOptions } = session;
  const context = opening.use(openDeviceContext(device, environment));
  const engine = opening.use(
    new Engine(context, {
      parameters: pretrainingParameters(config),
      buffers: pretrainingBuffers(config),
      gradient: gradientGraph(config, { batch, storedSize: size, crop: crops }, { rewrites }),
      accumulate: 1,
      optimiser: {
        kind: "adamw",
        betas: [0.9, 0.95],
        eps: 1e-8,
        weightDecay: 0.05,
        clipGrad: null,
      },
      session: sessionOptions,
    }),
  );
  engine.state.initialise(0);

  const stream = random({ seed: 0, purpose: "draw" });
  const filled = (
    dtype: "uint8" | "float32",
    shape: Shape,
    next: (i: number) => number,
  ): Tensor => {
    const bytes = new Uint8Array(sizeOf(shape) * DTYPES[dtype].bytes);
    const values = arrayOver(dtype, bytes);
    for (let i = 0; i < values.length; i++) values[i] = next(i);
    const buffer = opening.use(context.allocator.allocate(bytes.byteLength));
    buffer.upload(bytes);
    return opening.use(environment.tensor(buffer, { dtype, shape }));
  };
  const box = [0.1, 0.2, 0.7, 0.6].map((share) => share * size);
  const inputs = {
    images: filled("uint8", [batch, size, size, 3], () => stream.below(256)),
    noise: filled("float32", [batch, patchCount(model)], () => stream.uniform()),
    ...crops
      ? {
        boxes: filled("float32", [batch, 4], (i) => box[i % 4]!),
        flips: filled("float32", [batch], (i) => i % 2),
      }
      : {},
  };
  const lr = 1.5e-4 * batch / 256;
  const stack = opening.move();
  return {
    step: () => {
      const losses = engine.microBatch(inputs);
      const end = engine.step(lr);
      const { loss } = losses.read();
      end.read();
      return loss;
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}
