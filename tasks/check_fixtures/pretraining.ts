/** Runs a folder of reference values of pretraining through the engine, and compares everything that it holds. */
import type { ArrayOf } from "../../lib/tensor/mod.ts";
import type { StoredTensor } from "../../lib/checkpoint/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingParameters,
  visibleCount,
} from "../../lib/ccmim/mod.ts";
import type { Lowering } from "../../lib/lower/mod.ts";
import type { Tensor, Tensors } from "../../lib/runtime/mod.ts";
import { decays, gradientGraph } from "../../lib/train/mod.ts";
import { type Comparison, Group, MovedParameters, relativeL2, values } from "./comparison.ts";
import {
  batchSizesOf,
  type CheckOptions,
  encoderOf,
  type Expected,
  type Fixture,
  readFixture,
} from "./fixture.ts";
import { compareSteps, FixtureRun } from "./run.ts";

/** How to run. */
export interface PretrainingCheckOptions extends CheckOptions {
  /** Runs products in a low type. Then only the loss and the direction of the gradient are compared. */
  readonly lower?: Lowering | null;
}

/** What expected.json holds of pretraining. */
interface ExpectedPretraining extends Expected {
  readonly method: "ccmim" | "mae";
  readonly f64: Expected["f64"] & {
    readonly optimiser: {
      readonly betas: [number, number];
      readonly eps: number;
      readonly weight_decay: number;
      readonly decayed: readonly string[];
    };
  };
}

/** A folder of pretraining. */
type PretrainingFixture = Fixture<ExpectedPretraining>;

/** Scalars of the gradient graph, and their names in the reference. */
const SCALARS = [["rec", "L_rec"], ["align", "L_align"], ["loss", "loss"]] as const;

/** Reads a folder of pretraining. @throws {RangeError} if it holds another task. */
export function readPretraining(folder: string): PretrainingFixture {
  return readFixture(folder, "pretrain");
}

/** The engine of a folder. Without `capture: false`, every batch must lie in one place. */
export function openPretraining(
  fixture: PretrainingFixture,
  { lower = null, capture, ...options }: PretrainingCheckOptions & { readonly capture?: boolean },
): FixtureRun {
  const { expected } = fixture;
  const config = configOf(expected);
  const { betas, eps, weight_decay: weightDecay } = expected.f64.optimiser;
  return new FixtureRun(fixture, {
    parameters: pretrainingParameters(config),
    buffers: pretrainingBuffers(config),
    gradient: gradientGraph(config, batchSizesOf(expected), { lower }),
    optimiser: { kind: "adamw", betas, eps, weightDecay, clipGrad: null },
    ...capture === undefined ? {} : { capture },
  }, options);
}

/** The batches of the first steps: the same images with a step's own noise. */
export function uploadBatches(run: FixtureRun, { array }: PretrainingFixture, steps: number) {
  const images = array("images");
  const { dtype, shape: [, B, L], data } = array("noise_steps"); // [steps, B, L]
  return Array.from({ length: steps }, (_, step): Tensors => {
    const bytes = B! * L! * 4;
    const noise = data.subarray(step * bytes, (step + 1) * bytes);
    return {
      images: run.upload(images),
      noise: run.upload({ dtype, shape: [B!, L!], data: noise }),
    };
  });
}

/**
 * Compares a pretraining folder with what the engine computes.
 *
 * @returns a comparison for each group of tensors: mask, losses, gradients, tensors after the steps.
 * @throws {RangeError} if the folder holds another task.
 */
export function checkPretraining(
  folder: string,
  options: PretrainingCheckOptions = {},
): Comparison[] {
  const fixture = readPretraining(folder);
  using run = openPretraining(fixture, { ...options, capture: false }); // every batch lies elsewhere
  const batches = uploadBatches(run, fixture, fixture.expected.steps);
  if (options.lower) {
    const batchOf = (step: number) => batches[step]!;
    const { losses, later, direction } = compareSteps(run, fixture, { batchOf, isLow: true });
    return [losses, later, direction].map((group) => group.comparison);
  }
  using masks = new MaskComparison(run, fixture);
  const { losses, later, gradients } = compareSteps(run, fixture, {
    batchOf: (step) => {
      masks.add(step, batches[step]!);
      return batches[step]!;
    },
    scalars: SCALARS,
  });
  return [masks.group, losses, later, gradients, ...compareAfter(run, fixture)]
    .map((group) => group.comparison);
}

/** Compares masks at the engine's present parameters. */
class MaskComparison implements Disposable {
  readonly group = new Group("masks", 0, "patches that differ");
  readonly #orderOf: (batch: Tensors) => ArrayOf<"int64">;
  readonly #fixture: PretrainingFixture;
  readonly #visible: number;
  readonly #stack = new DisposableStack();

  constructor({ context, engine: { state }, session }: FixtureRun, fixture: PretrainingFixture) {
    const { expected } = fixture;
    const config = configOf(expected);
    const graph = gradientGraph(config, batchSizesOf(expected), { inspect: true });
    const inspect = this.#stack.use(context.session(graph.model, session));
    const inputs: Record<string, Tensor> = { ...state.inputs(graph.parameters) };
    for (const { parameter: { name } } of graph.buffers) {
      inputs[name] = state.buffer(state.working, name);
    }
    this.#orderOf = (batch) => inspect.run({ ...inputs, ...batch }).order!.data as ArrayOf<"int64">;
    this.#visible = visibleCount(config);
    this.#fixture = fixture;
  }

  /** Adds the mask of a step's batch, if the reference has it. */
  add(step: number, batch: Tensors): void {
    const mask = this.#fixture.reference.get(step === 0 ? "out.mask" : `mask_step${step}`);
    if (mask === undefined) return;
    this.group.add(`step ${step}`, differingPatches(this.#orderOf(batch), mask, this.#visible));
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** Patches that one masks and the other does not; the reference is 1 where masked. */
function differingPatches(order: ArrayOf<"int64">, mask: StoredTensor, visible: number): number {
  const L = mask.shape[1]!;
  const wanted = values(mask);
  let differing = 0;
  order.forEach((patch, i) => {
    const row = Math.floor(i / L);
    const masked = i % L >= visible ? 1 : 0;
    if (wanted[row * L + Number(patch)] !== masked) differing++;
  });
  return differing;
}

/** Parameters after all steps, in units of the distance that AdamW can have moved them; buffers relative. */
function compareAfter(
  { engine: { state } }: FixtureRun,
  { expected, reference }: PretrainingFixture,
): Group[] {
  const { steps, f64: { optimiser: { lr, decayed } } } = expected;
  const moved = new MovedParameters({ steps, lr });
  const buffers = new Group(`buffers after ${steps} steps`, 1e-4, "relative L2");
  for (const [name, tensor] of state.model()) {
    const [found, wanted] = [values(tensor), values(reference.get(`after${steps}.${name}`))];
    if (name.includes("running_")) buffers.add(name, relativeL2(found, wanted));
    else moved.add(name, found, wanted);
  }
  const decaying = new Group("tensors that decay", 0, "that differ");
  for (const { parameter } of state.layout.places.values()) {
    decaying.add(parameter.name, decayed.includes(parameter.name) === decays(parameter) ? 0 : 1);
  }
  const groups = [moved.rms, moved.far, decaying];
  return state.bufferLayout.places.size > 0 ? [...groups, buffers] : groups;
}

/** The model of a folder. */
function configOf(expected: ExpectedPretraining): PretrainingConfig {
  const { method, config: c } = expected;
  return {
    model: {
      ...encoderOf(expected),
      decoderWidth: c.dec_dim!,
      decoderDepth: c.dec_depth!,
      decoderHeads: c.dec_heads!,
      projectorWidth: c.proj_dim!,
    },
    masking: {
      ratio: c.mask_ratio!,
      sampling: method === "mae" ? "random" : "importance",
      scoreTemperature: 1,
    },
    align: {
      weight: method === "mae" ? 0 : c.align_weight!,
      temperature: c.temperature!,
      gradient: "target",
    },
    normPixLoss: true,
  };
}
