/**
 * Runs a folder of reference values through the engine that trains, and compares everything that it holds.
 *
 * A folder has weights.safetensors, images.npy (uint8 `[B, S, S, 3]`), noise_steps.npy (`[steps, B, L]`), expected.json and
 * expected_f64.safetensors: what an independent float64 implementation computes from them.
 */
import { join } from "node:path";
import { type ArrayOf, arrayOver, type DType, type Shape, sizeOf } from "../lib/tensor/mod.ts";
import { readNpy, readSafetensors, type StoredTensor } from "../lib/checkpoint/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingParameters,
  visibleCount,
} from "../lib/ccmim/mod.ts";
import {
  CPU,
  type Device,
  type DeviceContext,
  Environment,
  openDeviceContext,
  type SessionOptions,
  type Tensor,
  type Tensors,
} from "../lib/runtime/mod.ts";
import type { Lowering } from "../lib/lower/mod.ts";
import { type BatchConfig, decays, Engine, gradientGraph } from "../lib/train/mod.ts";

/** One compared group of tensors. */
export interface Comparison {
  readonly group: string;
  /** The largest difference in the group, in the unit of the tolerance. */
  readonly difference: number;
  readonly tolerance: number;
  readonly unit: string;
  /** The tensor with the largest difference. */
  readonly worst: string;
  readonly tensors: number;
  readonly holds: boolean;
}

/** How to run. */
export interface CheckOptions {
  readonly device?: Device;
  readonly threads?: number;
  /** Runs products in a low type. Then only the loss and the direction of the gradient are compared. */
  readonly lower?: Lowering | null;
}

/** What expected.json holds. */
export interface Expected {
  readonly task: string;
  readonly method: "ccmim" | "mae";
  readonly batch: number;
  readonly steps: number;
  readonly config: Readonly<Record<string, number>>;
  readonly f64: {
    readonly losses: readonly Readonly<Record<string, number>>[];
    readonly optimiser: {
      readonly kind: string;
      readonly lr: number;
      readonly betas: [number, number];
      readonly eps: number;
      readonly weight_decay: number;
      readonly decayed: readonly string[];
    };
  };
}

type Reference = ReadonlyMap<string, StoredTensor>;

/** Adds up one group's differences. */
export class Group {
  #worst = { difference: 0, name: "-" };
  #count = 0;

  constructor(
    readonly group: string,
    readonly tolerance: number,
    readonly unit: string,
  ) {}

  add(name: string, difference: number): void {
    this.#count++;
    // NaN must not pass for small
    if (!(difference <= this.#worst.difference)) this.#worst = { difference, name };
  }

  get comparison(): Comparison {
    const { group, tolerance, unit } = this;
    const { difference, name: worst } = this.#worst;
    const holds = this.#count > 0 && difference <= tolerance;
    return { group, difference, tolerance, unit, worst, tensors: this.#count, holds };
  }
}

/**
 * Compares a pretraining folder with what the engine computes.
 *
 * @returns a comparison for each group of tensors: mask, losses, gradients, tensors after the steps.
 * @throws {RangeError} if the folder holds another task.
 */
export function checkFixture(folder: string, options: CheckOptions = {}): Comparison[] {
  const expected: Expected = JSON.parse(Deno.readTextFileSync(join(folder, "expected.json")));
  if (expected.task !== "pretrain") {
    throw new RangeError(`Cannot check ${folder}: its task is "${expected.task}", not "pretrain"`);
  }
  const reference = readSafetensors(join(folder, "expected_f64.safetensors")).tensors;
  const config = configOf(expected);
  const { device = CPU, threads = 2, lower = null } = options;
  const session = { threads };
  const { batch, config: { img } } = expected;
  const size = { batch, storedSize: img!, crop: false };

  using environment = Environment.open();
  using stack = new DisposableStack();
  const context = stack.use(openDeviceContext(device, environment));
  const { lr, betas, eps, weight_decay: weightDecay } = expected.f64.optimiser;
  const engine = stack.use(
    new Engine(context, {
      parameters: pretrainingParameters(config),
      buffers: pretrainingBuffers(config),
      gradient: gradientGraph(config, size, { lower }),
      accumulate: 1,
      optimiser: { kind: "adamw", betas, eps, weightDecay, clipGrad: null },
      session,
      capture: false, // every batch lies elsewhere
    }),
  );
  const { tensors: weights } = readSafetensors(join(folder, "weights.safetensors"));
  engine.state.loadModel(weights);

  const upload = (dtype: DType, shape: Shape, data: Uint8Array): Tensor => {
    const buffer = stack.use(context.allocator.allocate(data.byteLength));
    buffer.upload(data);
    return stack.use(environment.tensor(buffer, { dtype, shape }));
  };
  const images = readNpy(join(folder, "images.npy"));
  const noise = readNpy(join(folder, "noise_steps.npy"));
  const [, B, L] = noise.shape as [number, number, number];
  const noiseOf = (step: number) => noise.data.subarray(step * B * L * 4, (step + 1) * B * L * 4);
  const batches = Array.from({ length: expected.steps }, (_, step): Tensors => ({
    images: upload("uint8", images.shape, images.data),
    noise: upload("float32", [B, L], noiseOf(step)),
  }));

  const masks = new Group("masks", 0, "patches that differ");
  const losses = new Group("losses, step 0", lower ? 2e-2 : 1e-5, "relative");
  const later = new Group("losses, later steps", lower ? 2e-2 : 2e-5, "relative");
  const gradients = new Group("gradients", 1e-4, "relative L2");
  const direction = new Group("the whole gradient", 1e-2, "1 - cosine");
  const orderOf = inspectOrder(context, stack, { engine, config, size, session });
  batches.forEach((batch, step) => {
    const mask = reference.get(step === 0 ? "out.mask" : `mask_step${step}`);
    if (mask && !lower) {
      masks.add(`step ${step}`, differingPatches(orderOf(batch), mask, visibleCount(config)));
    }
    const found = engine.microBatch(batch).read();
    const want = expected.f64.losses[step]!;
    const group = step === 0 ? losses : later;
    for (const [name, key] of [["rec", "L_rec"], ["align", "L_align"], ["loss", "loss"]] as const) {
      const value = found[name];
      if (value === undefined || want[key] === undefined) continue;
      if (lower && name !== "loss") continue;
      group.add(`${name}, step ${step}`, Math.abs(value / want[key] - 1));
    }
    if (step === 0) {
      const pairs = [...engine.state.gradientsByName()].map(([name, gradient]) =>
        [name, values(gradient), values(reference.get(`grad.${name}`))] as const
      );
      for (const [name, found, want] of pairs) gradients.add(name, relativeL2(found, want));
      direction.add("all", 1 - cosine(pairs.map(([, found, want]) => [found, want])));
    }
    engine.step(lr).read();
  });
  if (lower) return [losses, later, direction].map((group) => group.comparison);
  return [masks, losses, later, gradients].map((group) => group.comparison).concat(
    compareAfter(engine, reference, expected),
  );
}

/** The images and labels of a folder where a device reads them, for as long as the stack is there. */
export function labelledBatch(
  stack: DisposableStack,
  { allocator, environment }: Pick<DeviceContext, "allocator" | "environment">,
  folder: string,
): { readonly images: Tensor; readonly labels: Tensor } {
  const upload = (dtype: DType, shape: Shape, data: Uint8Array): Tensor => {
    const buffer = stack.use(allocator.allocate(data.byteLength));
    buffer.upload(data);
    return stack.use(environment.tensor(buffer, { dtype, shape }));
  };
  const images = readNpy(join(folder, "images.npy"));
  const labels = Int32Array.from(values(readNpy(join(folder, "labels.npy"))));
  return {
    images: upload("uint8", images.shape, images.data),
    labels: upload("int32", [labels.length], new Uint8Array(labels.buffer)),
  };
}

/** Gives the order of a batch's patches at the engine's present parameters. */
function inspectOrder(
  context: DeviceContext,
  stack: DisposableStack,
  { engine: { state }, config, size, session }: {
    engine: Engine;
    config: PretrainingConfig;
    size: BatchConfig;
    session: SessionOptions;
  },
): (batch: Tensors) => ArrayOf<"int64"> {
  const graph = gradientGraph(config, size, { inspect: true });
  const inspect = stack.use(context.session(graph.model, session));
  const inputs: Record<string, Tensor> = {};
  for (const view of graph.parameters) {
    inputs[view.value.attrs.name] = state.view(state.parameters, view);
  }
  for (const { parameter: { name } } of graph.buffers) {
    inputs[name] = state.buffer(state.working, name);
  }
  return (batch) => inspect.run({ ...inputs, ...batch }).order!.data as ArrayOf<"int64">;
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
function compareAfter(engine: Engine, reference: Reference, expected: Expected): Comparison[] {
  const { steps, f64: { optimiser: { lr } } } = expected;
  const distance = steps * lr;
  const rms = new Group(`after ${steps} steps, RMS`, 0.002, `of ${steps} lr`);
  const far = new Group(`after ${steps} steps, far elements`, 0.001, `beyond 2% of ${steps} lr`);
  const buffers = new Group(`buffers after ${steps} steps`, 1e-4, "relative L2");
  for (const [name, tensor] of engine.state.model()) {
    const want = reference.get(`after${steps}.${name}`);
    if (name.includes("running_")) {
      buffers.add(name, relativeL2(values(tensor), values(want)));
      continue;
    }
    const difference = differences(values(tensor), values(want), name);
    rms.add(name, Math.sqrt(mean(difference.map((d) => d * d))) / distance);
    far.add(name, mean(difference.map((d) => Math.abs(d) > 0.02 * distance ? 1 : 0)));
  }
  const decaying = new Group("tensors that decay", 0, "that differ");
  for (const { parameter } of engine.state.layout.places.values()) {
    const wanted = expected.f64.optimiser.decayed.includes(parameter.name);
    decaying.add(parameter.name, wanted === decays(parameter) ? 0 : 1);
  }
  const groups = [rms, far, decaying];
  if (engine.state.bufferLayout.places.size > 0) groups.push(buffers);
  return groups.map((group) => group.comparison);
}

/**
 * Element by element, without the key third of `qkv.bias`: its gradient is zero in exact arithmetic, and rounding
 * noise that AdamW turns into whole steps in a reference that computes it.
 */
export function differences(found: Float64Array, wanted: Float64Array, name: string): Float64Array {
  const all = found.map((x, i) => x - wanted[i]!);
  if (!name.endsWith("qkv.bias")) return all;
  const third = all.length / 3;
  return Float64Array.of(...all.subarray(0, third), ...all.subarray(2 * third));
}

/** The model of a folder. */
export function configOf({ method, config: c }: Expected): PretrainingConfig {
  return {
    model: {
      imageSize: c.img!,
      patch: c.patch!,
      width: c.dim!,
      depth: c.depth!,
      heads: c.heads!,
      mlpRatio: c.mlp_ratio!,
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

/** The elements of a tensor, whatever their type. @throws {RangeError} without one. */
export function values(tensor: StoredTensor | undefined): Float64Array {
  if (tensor === undefined) {
    throw new RangeError("Cannot compare: the reference has no such tensor");
  }
  const array = arrayOver(tensor.dtype, tensor.data.slice());
  return Float64Array.from({ length: sizeOf(tensor.shape) }, (_, i) => Number(array[i]));
}

/** Length of the difference over the length wanted. */
export function relativeL2(found: Float64Array, wanted: Float64Array): number {
  const difference = found.map((x, i) => x - wanted[i]!);
  return norm(difference) / norm(wanted);
}

/** Of the angle between two vectors that come in parts. */
function cosine(parts: readonly (readonly [Float64Array, Float64Array])[]): number {
  const dot = (i: 0 | 1, j: 0 | 1) =>
    parts.reduce((sum, part) => part[i].reduce((s, x, k) => s + x * part[j][k]!, sum), 0);
  return dot(0, 1) / Math.sqrt(dot(0, 0) * dot(1, 1));
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
}

/** The mean of numbers. */
export function mean(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}
