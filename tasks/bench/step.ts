/**
 * Times training steps of one configuration in a process of its own, so that peak memory is its own. Prints one JSON line.
 *
 * A step is all of it: forward, backward, gradient norm, finite gate, AdamW. Images are resident uint8 and are normalised in the
 * graph; with `--crops` they are cropped and resized in the graph too. Nothing is read or decoded.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { DTYPES, random, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import {
  Environment,
  hostAllocator,
  peakResidentBytes,
  type Tensor,
} from "../../lib/runtime/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingParameters,
} from "../../lib/ccmim/mod.ts";
import { CPU_CHUNK, Engine, gradientGraph } from "../../lib/train/mod.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";

/** What one process measured. */
export interface StepFigures {
  readonly config: ConfigurationName;
  readonly method: string;
  readonly batch: number;
  readonly threads: number;
  readonly crops: boolean;
  /** Median over the timed steps. */
  readonly img_s: number;
  readonly steps: number;
  readonly first_step_s: number;
  /** Making all graphs, sessions and bindings. */
  readonly create_s: number;
  readonly peak_rss_mib: number;
  /** Processor seconds over wall seconds of the timed steps. */
  readonly cpu_per_wall: number;
  readonly loss_first: number;
  readonly loss_last: number;
}

const { values } = parseArgs({
  options: {
    config: { type: "string", default: "vit_tiny_p4_32" },
    method: { type: "string", default: "ccmim" },
    batch: { type: "string" },
    threads: { type: "string", default: "2" },
    seconds: { type: "string", default: "6" },
    crops: { type: "boolean", default: false },
  },
});
const name = values.config as ConfigurationName;
const { model, storedSize, ...defaults } = CONFIGURATIONS[name];
const batch = Number(values.batch ?? defaults.batch);
const threads = Number(values.threads);
const isMae = values.method === "mae";
const config: PretrainingConfig = {
  model,
  masking: { ratio: 0.75, sampling: isMae ? "random" : "importance", scoreTemperature: 1 },
  align: { weight: isMae ? 0 : 0.1, temperature: 0.5, gradient: "target" },
  normPixLoss: true,
};

using environment = Environment.open();
const began = performance.now();
const size = values.crops ? storedSize : model.imageSize;
using engine = new Engine(environment, hostAllocator, {
  parameters: pretrainingParameters(config),
  buffers: pretrainingBuffers(config),
  gradient: gradientGraph(config, { batch, storedSize: size, crop: values.crops }),
  chunk: CPU_CHUNK,
  accumulate: 1,
  optimiser: { betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0.05, clipGrad: null },
  session: { threads },
});
engine.state.initialise(0);
const create = (performance.now() - began) / 1000;

const stream = random({ seed: 0, purpose: "draw" });
function filled(dtype: "uint8" | "float32", shape: Shape, next: (i: number) => number): Tensor {
  const buffer = hostAllocator.allocate(sizeOf(shape) * DTYPES[dtype].bytes);
  const tensor = environment.tensor(buffer, { dtype, shape });
  for (let i = 0; i < tensor.array.length; i++) tensor.array[i] = next(i);
  return tensor;
}
const box = [0.1, 0.2, 0.7, 0.6].map((share) => share * size);
const inputs = {
  images: filled("uint8", [batch, size, size, 3], () => stream.below(256)),
  noise: filled("float32", [batch, patchCount(model)], () => stream.uniform()),
  ...values.crops
    ? {
      boxes: filled("float32", [batch, 4], (i) => box[i % 4]!),
      flips: filled("float32", [batch], (i) => i % 2),
    }
    : {},
};

const lr = 1.5e-4 * batch / 256;
function step(): { loss: number; seconds: number } {
  const began = performance.now();
  const { loss } = engine.microBatch(inputs);
  engine.step(lr);
  return { loss, seconds: (performance.now() - began) / 1000 };
}
const first = step();
step();
const cpu = process.cpuUsage();
const start = performance.now();
const steps = [];
while (steps.length < 3 || performance.now() - start < Number(values.seconds) * 1000) {
  steps.push(step());
}
const wall = (performance.now() - start) * 1000;
const used = process.cpuUsage(cpu);
const sorted = steps.map(({ seconds }) => seconds).sort((a, b) => a - b);
const figures: StepFigures = {
  config: name,
  method: values.method,
  batch,
  threads,
  crops: values.crops,
  img_s: batch / sorted[sorted.length >> 1]!,
  steps: steps.length,
  first_step_s: first.seconds,
  create_s: create,
  peak_rss_mib: peakResidentBytes() / 2 ** 20,
  cpu_per_wall: (used.user + used.system) / wall,
  loss_first: first.loss,
  loss_last: steps.at(-1)!.loss,
};
console.log(JSON.stringify(figures));
