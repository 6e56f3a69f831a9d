/** An engine that starts from a folder's weights, and its steps beside the reference. */
import {
  CPU,
  type DeviceContext,
  Environment,
  openDeviceContext,
  type SessionOptions,
  type Tensor,
  type Tensors,
} from "../../lib/runtime/mod.ts";
import { Engine, type EngineOptions } from "../../lib/train/mod.ts";
import type { StoredTensor } from "../../lib/checkpoint/mod.ts";
import { cosine, Group, relativeL2, values } from "./comparison.ts";
import type { CheckOptions, Expected, Fixture } from "./fixture.ts";

/** An engine on a device, and the batches that were uploaded to it. */
export class FixtureRun implements Disposable {
  readonly context: DeviceContext;
  readonly engine: Engine;
  readonly session: SessionOptions;
  readonly #stack: DisposableStack;

  constructor(
    { weights }: Pick<Fixture<Expected>, "weights">,
    graphs: Omit<EngineOptions, "accumulate" | "session">,
    { device = CPU, threads = 2 }: CheckOptions = {},
  ) {
    using opening = new DisposableStack();
    this.session = { threads };
    this.context = opening.use(openDeviceContext(device, opening.use(Environment.open())));
    const options: EngineOptions = { ...graphs, accumulate: 1, session: this.session };
    this.engine = opening.use(new Engine(this.context, options));
    this.engine.state.loadModel(weights);
    this.#stack = opening.move();
  }

  /** Where the device reads it, for as long as the run is open. */
  upload({ dtype, shape, data }: StoredTensor): Tensor {
    const { allocator, environment } = this.context;
    const buffer = this.#stack.use(allocator.allocate(data.byteLength));
    buffer.upload(data);
    return this.#stack.use(environment.tensor(buffer, { dtype, shape }));
  }

  /** The images and labels of a folder. */
  labelledBatch({ array }: Pick<Fixture<Expected>, "array">) {
    const labels = Int32Array.from(values(array("labels")));
    const data = new Uint8Array(labels.buffer);
    return {
      images: this.upload(array("images")),
      labels: this.upload({ dtype: "int32", shape: [labels.length], data }),
    };
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** What is compared while an engine takes its steps. */
export interface StepOptions {
  /** The batch of a step. */
  readonly batchOf: (step: number) => Tensors;
  /** Scalars of the gradient graph, and their names in the reference; the loss alone unless given. */
  readonly scalars?: readonly (readonly [string, string])[];
  /** Whether products run in a low type: losses then agree in two digits. */
  readonly isLow?: boolean;
}

/** What was found in the steps. */
export interface StepGroups {
  readonly losses: Group;
  readonly later: Group;
  /** Of the first step, one by one and all together. */
  readonly gradients: Group;
  readonly direction: Group;
}

/** Takes all steps of a folder, and compares losses and the first gradients. */
export function compareSteps(
  { engine }: Pick<FixtureRun, "engine">,
  { expected, reference }: Pick<Fixture<Expected>, "expected" | "reference">,
  { batchOf, scalars = [["loss", "loss"]], isLow = false }: StepOptions,
): StepGroups {
  const losses = new Group("losses, step 0", isLow ? 2e-2 : 1e-5, "relative");
  const later = new Group("losses, later steps", isLow ? 2e-2 : 2e-5, "relative");
  const gradients = new Group("gradients", 1e-4, "relative L2");
  const direction = new Group("the whole gradient", 1e-2, "1 - cosine");
  for (let step = 0; step < expected.steps; step++) {
    const found = engine.microBatch(batchOf(step)).read();
    for (const [name, key] of scalars) {
      const [value, want] = [found[name], expected.f64.losses[step]![key]];
      if (value === undefined || want === undefined) continue;
      (step === 0 ? losses : later).add(`${name}, step ${step}`, Math.abs(value / want - 1));
    }
    if (step === 0) {
      const pairs = [...engine.state.gradientsByName()].map(([name, gradient]) =>
        [name, values(gradient), values(reference.get(`grad.${name}`))] as const
      );
      for (const [name, found, want] of pairs) gradients.add(name, relativeL2(found, want));
      direction.add("all", 1 - cosine(pairs.map(([, found, want]) => [found, want])));
    }
    engine.step(expected.f64.optimiser.lr).read();
  }
  return { losses, later, gradients, direction };
}
