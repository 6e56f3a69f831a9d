/**
 * Times an encoder without gradient in a process of its own. Prints one JSON line.
 *
 * Images are resident uint8 and are normalised in the graph; patches are pooled by their mean and a norm follows, which is what the
 * PyTorch twin computes. Nothing is read or decoded.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { normalise } from "../../lib/augment/mod.ts";
import { featureParameters, features } from "../../lib/features/mod.ts";
import { cast, fuse, input, type Value } from "../../lib/graph/mod.ts";
import { initialise, Parameters, sinCosPositions } from "../../lib/nn/mod.ts";
import { emit } from "../../lib/onnx/mod.ts";
import {
  CPU,
  Environment,
  openDeviceContext,
  peakResidentBytes,
  type Tensor,
} from "../../lib/runtime/mod.ts";
import { random, sizeOf } from "../../lib/tensor/mod.ts";
import { BatchRuns, layOut, Slab, UNGROUPED } from "../../lib/train/mod.ts";
import { positionParameter } from "../../lib/vit/mod.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";

/** What one process measured. */
export interface FeatureFigures {
  readonly config: ConfigurationName;
  readonly batch: number;
  readonly threads: number;
  /** Median over the timed runs. */
  readonly img_s: number;
  readonly runs: number;
  readonly peak_rss_mib: number;
  /** Processor seconds over wall seconds of the timed runs. */
  readonly cpu_per_wall: number;
}

/** Runs before the timed ones. */
const WARM_UP = 2;

const { values } = parseArgs({
  options: {
    config: { type: "string", default: "vit_tiny_p4_32" },
    threads: { type: "string", default: "2" },
    seconds: { type: "string", default: "6" },
  },
});
const config = values.config as ConfigurationName;
const threads = Number(values.threads);
const { model, batch } = CONFIGURATIONS[config];

using environment = Environment.open();
using context = openDeviceContext(CPU, environment);
const all = featureParameters(model, { pooledNorm: true });
const parameters = new Parameters(all);
const side = model.imageSize;
const shape = [batch, side, side, 3];
const images = normalise(cast(input("images", "uint8", shape), "float32"));
const kind = { pool: "mean", layers: "last" } as const;
const [output] = fuse([features(parameters, model, images, kind)]) as [Value];
using session = context.session(emit({ features: output }, { name: "features" }), { threads });

const { places, elements } = layOut(all, { groupOf: UNGROUPED, chunk: Infinity });
using weights = new Slab(context, elements);
const positions = positionParameter(model).name;
const inputs: Record<string, Tensor> = {};
for (const { parameter, offset, value } of parameters.views) {
  inputs[value.attrs.name] = weights.tensor(
    places.get(parameter.name)!.offset + offset,
    value.shape,
  );
}
for (const { parameter, offset } of places.values()) {
  const values = new Float32Array(sizeOf(parameter.shape));
  initialise(values, parameter, 0);
  const sinCos = () => sinCosPositions(model.width, side / model.patch);
  weights.write(offset, parameter.name === positions ? sinCos() : values);
}
const draw = random({ seed: 0, purpose: "draw" });
const pixels = Uint8Array.from({ length: sizeOf(shape) }, () => draw.below(256));
using memory = context.allocator.allocate(pixels.length);
memory.upload(pixels);
using batchTensor = environment.tensor(memory, { dtype: "uint8", shape });
using result = new Slab(context, batch * model.width);
const outputs = { features: result.tensor(0, [batch, model.width]) };
using runs = new BatchRuns(session, { inputs, outputs, captures: false });

/** Seconds of a run. */
function run(): number {
  const began = performance.now();
  runs.run({ images: batchTensor });
  return (performance.now() - began) / 1000;
}
for (let i = 0; i < WARM_UP; i++) run();
const cpu = process.cpuUsage();
const start = performance.now();
const times: number[] = [];
while (times.length < 3 || performance.now() - start < Number(values.seconds) * 1000) {
  times.push(run());
}
const wall = (performance.now() - start) * 1000;
const used = process.cpuUsage(cpu);
if (!result.read(0, [batch * model.width]).every(Number.isFinite)) {
  throw new Error("Cannot time features that are not finite");
}
const figures: FeatureFigures = {
  config,
  batch,
  threads,
  img_s: batch / times.toSorted((a, b) => a - b)[times.length >> 1]!,
  runs: times.length,
  peak_rss_mib: peakResidentBytes() / 2 ** 20,
  cpu_per_wall: (used.user + used.system) / wall,
};
console.log(JSON.stringify(figures));
