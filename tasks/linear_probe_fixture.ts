/** Runs a folder of reference values of a linear probe through the engine, and compares everything that it holds. */
import { join } from "node:path";
import { readSafetensors } from "../lib/checkpoint/mod.ts";
import { featureParameters, features } from "../lib/features/mod.ts";
import { Parameters } from "../lib/nn/mod.ts";
import { LINEAR_PROBE, type LinearConfig } from "../lib/probe/mod.ts";
import { CPU, Environment, openDeviceContext } from "../lib/runtime/mod.ts";
import { batchImages, emitEvaluation, Engine } from "../lib/train/mod.ts";
import {
  type CheckOptions,
  type Comparison,
  Group,
  labelledBatch,
  relativeL2,
  values,
} from "./fixture.ts";

/** What expected.json holds of a linear probe. */
interface ExpectedProbe {
  readonly task: string;
  readonly batch: number;
  readonly steps: number;
  readonly classes: number;
  readonly config: Readonly<Record<string, number>>;
  readonly f64: {
    readonly losses: readonly { readonly loss: number }[];
    readonly optimiser: {
      readonly lr: number;
      readonly momentum: number;
      readonly trust: number;
      readonly weight_decay: number;
    };
  };
}

/**
 * Compares a linear probe's folder with what the engine computes: features, losses, gradients, what LARS changes.
 *
 * @throws {RangeError} if the folder holds another task.
 */
export function checkLinearProbe(folder: string, options: CheckOptions = {}): Comparison[] {
  const expected: ExpectedProbe = JSON.parse(Deno.readTextFileSync(join(folder, "expected.json")));
  if (expected.task !== "linprobe") {
    throw new RangeError(`Cannot check ${folder}: its task is "${expected.task}", not "linprobe"`);
  }
  const reference = readSafetensors(join(folder, "expected_f64.safetensors")).tensors;
  const { tensors: weights } = readSafetensors(join(folder, "weights.safetensors"));
  const { device = CPU, threads = 2 } = options;
  const session = { threads };
  const config = configOf(expected);
  const { batch, model } = config;
  const sizes = { batch, storedSize: model.imageSize, crop: false };

  using stack = new DisposableStack();
  const environment = stack.use(Environment.open());
  const context = stack.use(openDeviceContext(device, environment));
  const engine = stack.use(
    new Engine(context, {
      parameters: LINEAR_PROBE.parameters(config),
      frozen: LINEAR_PROBE.frozen!(config),
      buffers: LINEAR_PROBE.buffers(config),
      gradient: LINEAR_PROBE.gradient(config, sizes, {}),
      accumulate: 1,
      optimiser: config.optimiser,
      session,
      capture: false,
    }),
  );
  engine.state.loadModel(weights);
  const tensors = labelledBatch(stack, context, folder);

  const found = new Group("features", 1e-5, "relative L2");
  const p = new Parameters(featureParameters(model, config));
  const value = features(p, model, batchImages(sizes, model.imageSize), config.features);
  const buffers = new Parameters([]);
  const graph = emitEvaluation({ features: value }, { parameters: p, buffers });
  using extract = context.session(graph.model, session);
  const inputs = { images: tensors.images, ...engine.state.inputs(graph.parameters) };
  const { data, shape } = extract.run(inputs).features!;
  const own = { dtype: "float32", shape, data: new Uint8Array(data.buffer) } as const;
  found.add("features", relativeL2(values(own), values(reference.get("out.features"))));

  const losses = new Group("losses, step 0", 1e-5, "relative");
  const later = new Group("losses, later steps", 2e-5, "relative");
  const gradients = new Group("gradients", 1e-4, "relative L2");
  for (let step = 0; step < expected.steps; step++) {
    const { loss } = engine.microBatch(tensors).read();
    const group = step === 0 ? losses : later;
    group.add(`step ${step}`, Math.abs(loss / expected.f64.losses[step]!.loss - 1));
    if (step === 0) {
      for (const [name, gradient] of engine.state.gradientsByName()) {
        gradients.add(name, relativeL2(values(gradient), values(reference.get(`grad.${name}`))));
      }
    }
    engine.step(expected.f64.optimiser.lr).read();
  }

  const changes = new Group(`change in ${expected.steps} steps`, 1e-4, "relative L2");
  const statistics = new Group(`buffers after ${expected.steps} steps`, 1e-4, "relative L2");
  const still = new Group("frozen tensors", 0, "that differ");
  const trained = new Set(LINEAR_PROBE.parameters(config).map(({ name }) => name));
  for (const [name, tensor] of engine.state.model()) {
    const [before, after] = [values(weights.get(name)), values(tensor)];
    const want = () => values(reference.get(`after${expected.steps}.${name}`));
    const change = (x: Float64Array) => x.map((value, i) => value - before[i]!);
    if (trained.has(name)) changes.add(name, relativeL2(change(after), change(want())));
    else if (name.includes("running_")) statistics.add(name, relativeL2(after, want()));
    else still.add(name, after.every((value, i) => value === before[i]) ? 0 : 1);
  }
  return [found, losses, later, gradients, changes, statistics, still]
    .map((group) => group.comparison);
}

/** The probe of a folder. */
function configOf({ batch, classes, config: c, f64 }: ExpectedProbe): LinearConfig {
  const { momentum, trust, weight_decay: weightDecay } = f64.optimiser;
  const model = {
    imageSize: c.img!,
    patch: c.patch!,
    width: c.dim!,
    depth: c.depth!,
    heads: c.heads!,
    mlpRatio: c.mlp_ratio!,
  };
  return {
    kind: "linear",
    features: { pool: "cls", layers: "last" },
    blocks: 0,
    model,
    pooledNorm: false,
    classes,
    batch,
    optimiser: { kind: "lars", momentum, trust, weightDecay, clipGrad: null },
  } as Partial<LinearConfig> as LinearConfig; // no more of it is read
}
