/** Training state: flat slabs on one device, by the names of checkpoints outside. */
import { arrayOver, sameShape, type Shape, showShape, sizeOf } from "../tensor/mod.ts";
import type { DeviceContext, Tensor, Tensors } from "../runtime/mod.ts";
import { initialise, type Parameter, type ParameterView } from "../nn/mod.ts";
import { LOSS_SCALE, MOMENTS, type Optimiser } from "../optim/mod.ts";
import type { StoredTensor } from "../checkpoint/mod.ts";
import { DataError } from "../data/mod.ts";
import { type Cell, Cells } from "./cells.ts";
import { type GroupOf, type Layout, layOut, type Place, UNGROUPED } from "./layout.ts";
import { Slab } from "./slab.ts";

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, StoredTensor>;

/** What state is made for. */
export interface StateOptions {
  /** What is trained. */
  readonly parameters: readonly Parameter[];
  /** What is read and stays as it is; nothing unless given. */
  readonly frozen?: readonly Parameter[];
  /** State that no gradient reaches: running statistics. */
  readonly buffers: readonly Parameter[];
  readonly optimiser: Optimiser["kind"];
  readonly groupOf: GroupOf;
  /** Most elements of a chunk; LARS takes each parameter whole. See {@linkcode layOut}. */
  readonly chunk: number;
  /** Names of the scalars that the gradient graph tells. */
  readonly scalars: readonly string[];
  /** Whether a moving average of the parameters is kept; not unless given. */
  readonly averages?: boolean;
  /** Whether gradients of several micro-batches are added up. */
  readonly accumulates: boolean;
  /** Whether the loss is scaled; the scale is state then. */
  readonly scalesLoss?: boolean;
}

/** Everything that a step reads and writes, made once. */
export class TrainingState implements Disposable {
  readonly layout: Layout;
  readonly frozenLayout: Layout;
  readonly bufferLayout: Layout;
  readonly cells: Cells;
  readonly parameters: Slab;
  readonly frozen: Slab;
  readonly gradients: Slab;
  /** What the optimiser keeps of the parameters, by name. */
  readonly moments: ReadonlyMap<string, Slab>;
  /** Moving averages of the parameters; null if none are kept. */
  readonly averages: Slab | null;
  /** Sum of the micro-batches' gradients; the gradients themselves if there is one micro-batch. */
  readonly sums: Slab;
  /** The buffers as of the last step that counted. */
  readonly buffers: Slab;
  /** The buffers that a micro-batch starts from and those that it ends with. */
  readonly working: Slab;
  readonly next: Slab;
  /** Squared norm of every chunk. */
  readonly squares: Slab;
  readonly #scalars: readonly Cell[];
  readonly #slabs: readonly Slab[];

  constructor(context: DeviceContext, options: StateOptions) {
    const { chunk, accumulates, groupOf, optimiser } = options;
    this.layout = layOut(options.parameters, {
      groupOf,
      chunk: optimiser === "lars" ? "tensor" : chunk,
    });
    this.frozenLayout = layOut(options.frozen ?? [], { groupOf: UNGROUPED, chunk: "tensor" });
    this.bufferLayout = layOut(options.buffers, { groupOf: UNGROUPED, chunk });
    const slab = (elements: number) => new Slab(context, elements);
    const { elements } = this.layout;
    this.parameters = slab(elements);
    this.frozen = slab(this.frozenLayout.elements);
    this.gradients = slab(elements);
    this.moments = new Map(MOMENTS[optimiser].map((name) => [name, slab(elements)]));
    this.averages = options.averages ? slab(elements) : null;
    this.sums = accumulates ? slab(elements) : this.gradients;
    this.buffers = slab(this.bufferLayout.elements);
    this.working = accumulates ? slab(this.bufferLayout.elements) : this.buffers;
    this.next = slab(this.bufferLayout.elements);
    this.squares = slab(this.layout.chunks.length);
    this.cells = new Cells(context, {
      scalars: options.scalars,
      constants: this.layout.ranges.flatMap(({ weightDecay, lrScale }) => [weightDecay, lrScale]),
    });
    this.#scalars = options.scalesLoss ? ["steps", "lossScale", "goodSteps"] : ["steps"];
    if (options.scalesLoss) this.cells.set("lossScale", LOSS_SCALE.first);
    this.#slabs = [
      ...new Set([this.parameters, this.gradients, this.sums, ...this.moments.values()]),
      ...this.averages ? [this.averages, this.frozen] : [this.frozen],
      ...new Set([this.buffers, this.working, this.next, this.squares]),
    ];
  }

  /** First values, a pure function of the seed; moments and step count are zero. */
  initialise(seed: number): void {
    const fill = (slab: Slab, { places }: Layout) => {
      for (const { parameter, offset } of places.values()) {
        const values = new Float32Array(sizeOf(parameter.shape));
        initialise(values, parameter, seed);
        slab.write(offset, values);
      }
    };
    fill(this.parameters, this.layout);
    fill(this.frozen, this.frozenLayout);
    this.#startAverages();
    fill(this.buffers, this.bufferLayout);
    fill(this.working, this.bufferLayout);
  }

  /** The tensor of a trained parameter's part in `slab`. */
  view(slab: Slab, { parameter, offset, value }: ParameterView): Tensor {
    return slab.tensor(this.#place(this.layout, parameter.name).offset + offset, value.shape);
  }

  /** True if the parameter is read and not trained. */
  isFrozen({ name }: Parameter): boolean {
    return this.frozenLayout.places.has(name);
  }

  /** The tensors that a graph reads parts of parameters from, by the names of its inputs; trained ones from `slab`. */
  inputs(views: readonly ParameterView[], slab = this.parameters): Tensors {
    return Object.fromEntries(views.map((view) => {
      const { parameter, offset, value } = view;
      const frozen = this.frozenLayout.places.get(parameter.name);
      const tensor = frozen
        ? this.frozen.tensor(frozen.offset + offset, value.shape)
        : this.view(slab, view);
      return [value.attrs.name, tensor];
    }));
  }

  /** The tensor of a buffer in `slab`. */
  buffer(slab: Slab, name: string): Tensor {
    const { parameter, offset } = this.#place(this.bufferLayout, name);
    return slab.tensor(offset, parameter.shape);
  }

  /** Parameters and buffers by name. */
  model(): TensorMap {
    return new Map([
      ...stored(this.parameters, this.layout),
      ...stored(this.frozen, this.frozenLayout),
      ...stored(this.buffers, this.bufferLayout),
    ]);
  }

  /** The gradients of the last micro-batch by parameter name. */
  gradientsByName(): TensorMap {
    return new Map(stored(this.gradients, this.layout));
  }

  /** All that an exact continuation needs beside the model. */
  optimiser(): TensorMap {
    return new Map([
      ...this.#optimised().flatMap(([name, slab]) => stored(slab, this.layout, `${name}.`)),
      ...this.#scalars.map((cell) => {
        return [cell, float32([1], Float32Array.of(this.cells.get(cell)))] as const;
      }),
    ]);
  }

  /**
   * Takes parameters and buffers from `tensors`; what is there beyond them is left alone. Averages start anew.
   *
   * @throws {DataError} if one is missing or has another shape or type.
   */
  loadModel(tensors: TensorMap): void {
    load(this.parameters, this.layout, tensors);
    load(this.frozen, this.frozenLayout, tensors);
    this.#startAverages();
    load(this.buffers, this.bufferLayout, tensors);
    load(this.working, this.bufferLayout, tensors);
  }

  /** Takes what {@linkcode TrainingState.optimiser} gave. @throws {DataError} if it does not fit. */
  loadOptimiser(tensors: TensorMap): void {
    for (const [name, slab] of this.#optimised()) load(slab, this.layout, tensors, `${name}.`);
    for (const cell of this.#scalars) this.cells.set(cell, elements(tensors, cell, [1])[0]!);
  }

  [Symbol.dispose](): void {
    for (const slab of this.#slabs) slab[Symbol.dispose]();
    this.cells[Symbol.dispose]();
  }

  /** All that there is of every parameter beside itself and its gradient, by name. */
  #optimised(): [string, Slab][] {
    return [...this.moments, ...this.averages ? [["average", this.averages] as const] : []]
      .map(([name, slab]) => [name, slab]);
  }

  #startAverages(): void {
    this.averages?.write(0, this.parameters.read(0, [this.parameters.elements]));
  }

  #place(layout: Layout, name: string): Place {
    const place = layout.places.get(name);
    if (place === undefined) throw new RangeError(`Cannot find "${name}" in the training state`);
    return place;
  }
}

function float32(shape: Shape, values: Float32Array): StoredTensor {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { dtype: "float32", shape, data };
}

/** Every parameter of the layout as a part of one copy of the slab. */
function stored(slab: Slab, layout: Layout, prefix = ""): [string, StoredTensor][] {
  const all = slab.read(0, [slab.elements]);
  return [...layout.places].map(([name, { parameter: { shape }, offset }]) => {
    return [prefix + name, float32(shape, all.subarray(offset, offset + sizeOf(shape)))];
  });
}

function load(slab: Slab, layout: Layout, tensors: TensorMap, prefix = ""): void {
  for (const [name, { parameter, offset }] of layout.places) {
    slab.write(offset, elements(tensors, prefix + name, parameter.shape));
  }
}

function elements(tensors: TensorMap, name: string, shape: Shape): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new DataError(`Cannot load "${name}": the file has no such tensor`);
  }
  if (tensor.dtype !== "float32" || !sameShape(tensor.shape, shape)) {
    throw new DataError(
      `Cannot load "${name}": it is ${tensor.dtype}${showShape(tensor.shape)}, ` +
        `and the model wants float32${showShape(shape)}`,
    );
  }
  return arrayOver("float32", tensor.data.slice());
}
