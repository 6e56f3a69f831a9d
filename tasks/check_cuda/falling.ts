/** Training on one batch over and over. */
import { join } from "node:path";
import { readNpy, readSafetensors } from "../../lib/checkpoint/mod.ts";
import { pretrainingBuffers, pretrainingParameters } from "../../lib/ccmim/mod.ts";
import type { Lowering } from "../../lib/lower/mod.ts";
import { type Device, Environment, openDeviceContext } from "../../lib/runtime/mod.ts";
import type { DType, Shape } from "../../lib/tensor/mod.ts";
import { Engine, gradientGraph } from "../../lib/train/mod.ts";
import { configOf, type Expected } from "../fixture.ts";

/** What is trained, where. */
export interface FallingOptions {
  readonly device: Device;
  readonly lower: Lowering | null;
  readonly threads: number;
  readonly steps: number;
}

/** The losses of steps on the first batch of a folder of reference values, from its weights. */
export function lossesOnOneBatch(folder: string, options: FallingOptions): number[] {
  const { device, lower, threads, steps } = options;
  const expected: Expected = JSON.parse(Deno.readTextFileSync(join(folder, "expected.json")));
  const config = configOf(expected);
  const { batch, f64: { optimiser: { lr, betas, eps, weight_decay: weightDecay } } } = expected;
  const sizes = { batch, storedSize: config.model.imageSize, crop: false };
  using stack = new DisposableStack();
  const environment = stack.use(Environment.open());
  const context = stack.use(openDeviceContext(device, environment));
  const engine = stack.use(
    new Engine(context, {
      parameters: pretrainingParameters(config),
      buffers: pretrainingBuffers(config),
      gradient: gradientGraph(config, sizes, { lower }),
      accumulate: 1,
      optimiser: { kind: "adamw", betas, eps, weightDecay, clipGrad: null },
      session: { threads },
    }),
  );
  engine.state.loadModel(readSafetensors(join(folder, "weights.safetensors")).tensors);
  const upload = (dtype: DType, shape: Shape, data: Uint8Array) => {
    const buffer = stack.use(context.allocator.allocate(data.byteLength));
    buffer.upload(data);
    return stack.use(environment.tensor(buffer, { dtype, shape }));
  };
  const images = readNpy(join(folder, "images.npy"));
  const noise = readNpy(join(folder, "noise_steps.npy"));
  const [, B, L] = noise.shape as [number, number, number];
  const tensors = {
    images: upload("uint8", images.shape, images.data),
    noise: upload("float32", [B, L], noise.data.subarray(0, B * L * 4)),
  };
  return Array.from({ length: steps }, () => {
    const losses = engine.microBatch(tensors);
    engine.step(lr).read();
    return losses.read().loss;
  });
}
