/** A model that trains in milliseconds, and what a test needs to train it. */
import { Buffer } from "node:buffer";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingParameters,
} from "../../lib/ccmim/mod.ts";
import {
  type DeviceContext,
  Environment,
  openHostContext,
  type SessionOptions,
  type Tensors,
} from "../../lib/runtime/mod.ts";
import { type BatchConfig, Engine, gradientGraph, type StepPart } from "../../lib/train/mod.ts";
import type { Lowering } from "../../lib/lower/mod.ts";
import type { TensorMap } from "../../lib/train/state.ts";
import { arrayOver, type DType, random, type Shape } from "../../lib/tensor/mod.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { MICRO } from "../_models.ts";

/** What a batch holds, row-major. */
export interface BatchData {
  readonly batch: number;
  readonly images: Uint8Array;
  readonly noise: Float32Array;
}

/** Random images and noise, a pure function of the seed. */
export function batchData(config: PretrainingConfig, seed: number, batch = 4): BatchData {
  const { imageSize } = config.model;
  const draw = random({ seed, purpose: "draw" });
  const pixels = batch * imageSize ** 2 * 3;
  return {
    batch,
    images: Uint8Array.from({ length: pixels }, () => draw.below(256)),
    noise: Float32Array.from({ length: batch * patchCount(config.model) }, () => draw.uniform()),
  };
}

/** One batch after the other as one. */
export function joined(a: BatchData, b: BatchData): BatchData {
  return {
    batch: a.batch + b.batch,
    images: Uint8Array.of(...a.images, ...b.images),
    noise: Float32Array.of(...a.noise, ...b.noise),
  };
}

/** How to open a rig. */
export interface RigOptions {
  readonly config?: PretrainingConfig;
  readonly batch?: number;
  readonly accumulate?: number;
  readonly clipGrad?: number | null;
  readonly weightDecay?: number;
  readonly chunk?: number;
  /** Opens the device; the host unless given. */
  readonly open?: (environment: Environment) => DeviceContext;
  readonly session?: SessionOptions;
  readonly capture?: boolean;
  readonly launched?: (part: StepPart) => void;
  readonly warning?: (text: string) => void;
  readonly lower?: Lowering | null;
  readonly seed?: number;
}

/** An engine with initialised state. */
export interface Rig extends Disposable {
  readonly engine: Engine;
  readonly context: DeviceContext;
  readonly config: PretrainingConfig;
  /** The tensors of a batch; they live as long as the rig. */
  tensors(data: BatchData): Tensors;
  /** The tensors of the batch that {@linkcode batchData} draws. */
  drawn(seed: number): Tensors;
}

/** Betas of every rig. */
export const BETAS = [0.9, 0.95] as const;
export const EPSILON = 1e-8;

export function openRig(options: RigOptions = {}): Rig {
  const { config = MICRO, batch = 4, accumulate = 1, seed = 1 } = options;
  const { chunk, capture, launched, warning } = options;
  const { clipGrad = null, weightDecay = 0.05, open = openHostContext } = options;
  const sizes: BatchConfig = { batch, storedSize: config.model.imageSize, crop: false };
  const stack = new DisposableStack();
  const environment = stack.use(Environment.open());
  const context = stack.use(open(environment));
  const { allocator } = context;
  const engine = stack.use(
    new Engine(context, {
      parameters: pretrainingParameters(config),
      buffers: pretrainingBuffers(config),
      gradient: gradientGraph(config, sizes, { lower: options.lower ?? null }),
      ...chunk === undefined ? {} : { chunk },
      accumulate,
      optimiser: { kind: "adamw", betas: BETAS, eps: EPSILON, weightDecay, clipGrad },
      session: { threads: 1, ...options.session },
      ...capture === undefined ? {} : { capture },
      ...launched === undefined ? {} : { launched },
      ...warning === undefined ? {} : { warning },
    }),
  );
  engine.state.initialise(seed);
  const upload = (dtype: DType, shape: Shape, { buffer, byteOffset, byteLength }: DataView) => {
    const memory = stack.use(allocator.allocate(byteLength));
    memory.upload(new Uint8Array(buffer, byteOffset, byteLength));
    return stack.use(environment.tensor(memory, { dtype, shape }));
  };
  const view = (array: Uint8Array | Float32Array) =>
    new DataView(array.buffer, array.byteOffset, array.byteLength);
  const tensors = ({ batch, images, noise }: BatchData): Tensors => {
    const { imageSize: S } = config.model;
    return {
      images: upload("uint8", [batch, S, S, 3], view(images)),
      noise: upload("float32", [batch, patchCount(config.model)], view(noise)),
    };
  };
  return {
    engine,
    context,
    config,
    tensors,
    drawn: (seed) => tensors(batchData(config, seed, batch)),
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** Float32 elements of tensors by name. */
export function floats(tensors: TensorMap): Map<string, Float32Array> {
  return new Map(
    [...tensors].map(([name, { data }]) => [name, arrayOver("float32", data.slice())]),
  );
}

/** Names of the tensors whose bytes differ, or that only one side has. */
export function differing(a: TensorMap, b: TensorMap): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => {
    const [x, y] = [a.get(name), b.get(name)];
    return x === undefined || y === undefined || Buffer.compare(x.data, y.data) !== 0;
  });
}
