/** Runs a folder of reference values of a linear probe through the engine, and compares everything that it holds. */
import { featureParameters, features } from "../../lib/features/mod.ts";
import { Parameters } from "../../lib/nn/mod.ts";
import { LINEAR_PROBE, type LinearConfig } from "../../lib/probe/mod.ts";
import type { Tensor } from "../../lib/runtime/mod.ts";
import { batchImages, emitEvaluation } from "../../lib/train/mod.ts";
import { type Comparison, Group, relativeL2, values } from "./comparison.ts";
import {
  batchSizesOf,
  type CheckOptions,
  encoderOf,
  type Expected,
  type Fixture,
  readFixture,
} from "./fixture.ts";
import { compareSteps, FixtureRun } from "./run.ts";

/** What expected.json holds of a linear probe. */
interface ExpectedProbe extends Expected {
  readonly classes: number;
  readonly f64: Expected["f64"] & {
    readonly optimiser: {
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
  const fixture = readFixture<ExpectedProbe>(folder, "linprobe");
  const { expected, reference } = fixture;
  const config = configOf(expected);

  using run = new FixtureRun(fixture, {
    parameters: LINEAR_PROBE.parameters(config),
    frozen: LINEAR_PROBE.frozen!(config),
    buffers: LINEAR_PROBE.buffers(config),
    gradient: LINEAR_PROBE.gradient(config, batchSizesOf(expected), {}),
    optimiser: config.optimiser,
    capture: false,
  }, options);
  const batch = run.labelledBatch(fixture);
  const found = new Group("features", 1e-5, "relative L2");
  const extracted = featuresOf(batch.images, run, { config, expected });
  found.add("features", relativeL2(extracted, values(reference.get("out.features"))));

  const { losses, later, gradients } = compareSteps(run, fixture, { batchOf: () => batch });
  return [found, losses, later, gradients, ...compareAfter(run, fixture, config)]
    .map((group) => group.comparison);
}

/** What the frozen encoder makes of images. */
function featuresOf(
  images: Tensor,
  { context, engine, session }: FixtureRun,
  { config, expected }: { readonly config: LinearConfig; readonly expected: Expected },
): Float64Array {
  const { model } = config;
  const p = new Parameters(featureParameters(model, config));
  const stored = batchImages(batchSizesOf(expected), model.imageSize);
  const value = features(p, model, stored, config.features);
  const buffers = new Parameters([]);
  const graph = emitEvaluation({ features: value }, { parameters: p, buffers });
  using extract = context.session(graph.model, session);
  const { data } = extract.run({ images, ...engine.state.inputs(graph.parameters) }).features!;
  return Float64Array.from(data as Float32Array);
}

/** What the steps changed, and what they must not change. */
function compareAfter(
  { engine }: FixtureRun,
  { expected: { steps }, reference, weights }: Fixture<ExpectedProbe>,
  config: LinearConfig,
): Group[] {
  const changes = new Group(`change in ${steps} steps`, 1e-4, "relative L2");
  const statistics = new Group(`buffers after ${steps} steps`, 1e-4, "relative L2");
  const still = new Group("frozen tensors", 0, "that differ");
  const trained = new Set(LINEAR_PROBE.parameters(config).map(({ name }) => name));
  for (const [name, tensor] of engine.state.model()) {
    const [before, after] = [values(weights.get(name)), values(tensor)];
    const want = () => values(reference.get(`after${steps}.${name}`));
    const change = (x: Float64Array) => x.map((value, i) => value - before[i]!);
    if (trained.has(name)) changes.add(name, relativeL2(change(after), change(want())));
    else if (name.includes("running_")) statistics.add(name, relativeL2(after, want()));
    else still.add(name, after.every((value, i) => value === before[i]) ? 0 : 1);
  }
  return [changes, statistics, still];
}

/** The probe of a folder. */
function configOf(expected: ExpectedProbe): LinearConfig {
  const { batch, classes, f64: { optimiser } } = expected;
  const { momentum, trust, weight_decay: weightDecay } = optimiser;
  return {
    kind: "linear",
    features: { pool: "cls", layers: "last" },
    blocks: 0,
    model: encoderOf(expected),
    pooledNorm: false,
    classes,
    batch,
    optimiser: { kind: "lars", momentum, trust, weightDecay, clipGrad: null },
  } as Partial<LinearConfig> as LinearConfig; // no more of it is read
}
