/** The engine of training: the named graphs, bound to one training state. */
import type {
  Allocator,
  Binding,
  Environment,
  SessionOptions,
  Tensor,
  Tensors,
} from "../runtime/mod.ts";
import type { Parameter } from "../nn/mod.ts";
import type { Cell } from "./cells.ts";
import { bindAccumulate } from "./graphs/accumulate.ts";
import { batchInputs } from "./graphs/batch_inputs.ts";
import { Binder, type Run } from "./graphs/binder.ts";
import { bindCopy } from "./graphs/copy.ts";
import { bindFinish } from "./graphs/finish.ts";
import { type EmittedGraph, gradientName, nextName } from "./graphs/gradient.ts";
import { bindMeasure } from "./graphs/measure.ts";
import { bindUpdate } from "./graphs/update.ts";
import { TrainingState } from "./state.ts";

/** What an engine runs. */
export interface EngineOptions {
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Parameter[];
  readonly gradient: EmittedGraph;
  /** Most elements of the optimiser's chunks. */
  readonly chunk: number;
  /** Micro-batches of a step. */
  readonly accumulate: number;
  readonly optimiser: {
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weightDecay: number;
    /** Largest L2 norm of the whole gradient, or null. */
    readonly clipGrad: number | null;
  };
  readonly session: SessionOptions;
}

/** Losses of a micro-batch. */
export interface Losses {
  readonly loss: number;
  readonly rec: number;
  /** null without alignment. */
  readonly align: number | null;
}

/** How a step ended. */
export interface StepEnd {
  /** L2 norm of the mean gradient before clipping. */
  readonly norm: number;
  /** False if the step changed nothing, because a loss or a gradient was not finite. */
  readonly finite: boolean;
}

/** Runs steps. Every graph and buffer is made once; a step makes none. */
export class Engine implements Disposable {
  readonly state: TrainingState;
  readonly #stack = new DisposableStack();
  readonly #binder: Binder;
  readonly #microBatchesOfStep: number;
  readonly #gradient: (batch: Tensors) => void;
  readonly #afterMicroBatch: readonly Run[];
  readonly #endOfStep: readonly Run[];
  readonly #aligns: boolean;
  #microBatches = 0;

  constructor(environment: Environment, allocator: Allocator, options: EngineOptions) {
    const { accumulate, gradient, optimiser } = options;
    const { weightDecay, betas, eps: epsilon, clipGrad: clip } = optimiser;
    const accumulates = accumulate > 1;
    const state = new TrainingState(environment, allocator, {
      ...options,
      weightDecay,
      accumulates,
    });
    this.state = this.#stack.use(state);
    this.#binder = this.#stack.use(new Binder(environment, state, options.session));
    this.#microBatchesOfStep = accumulate;
    this.#aligns = gradient.outputs.includes("align");
    this.#gradient = this.#bindGradient(gradient);
    this.#afterMicroBatch = accumulates
      ? [bindAccumulate(this.#binder), bindCopy(this.#binder, state.next, state.working)]
      : [];
    this.#endOfStep = [
      bindMeasure(this.#binder),
      bindFinish(this.#binder, { accumulate, clip, betas }),
      bindUpdate(this.#binder, { betas, epsilon }),
      ...accumulates ? [bindCopy(this.#binder, state.buffers, state.working)] : [],
    ];
    state.cells.set("weightDecay", weightDecay);
  }

  /**
   * Computes the losses and gradients of one micro-batch and adds them to the step's.
   *
   * @param batch the gradient graph's inputs that are no state; it may hold more.
   */
  microBatch(batch: Tensors): Losses {
    const { cells } = this.state;
    cells.set("isFirst", this.#microBatches++ === 0 ? 1 : 0);
    this.#gradient(batch);
    for (const run of this.#afterMicroBatch) run();
    const align = this.#aligns ? cells.get("align") : null;
    return { loss: cells.get("loss"), rec: cells.get("rec"), align };
  }

  /**
   * Ends the step after its micro-batches.
   *
   * @param lr learning rate of this step.
   * @throws {TypeError} if there were more or fewer micro-batches than a step has.
   */
  step(lr: number): StepEnd {
    if (this.#microBatches !== this.#microBatchesOfStep) {
      throw new TypeError(
        `Cannot end a step after ${this.#microBatches} micro-batches: it has ${this.#microBatchesOfStep}`,
      );
    }
    this.#microBatches = 0;
    const { cells } = this.state;
    cells.set("lr", lr);
    for (const run of this.#endOfStep) run();
    return { norm: cells.get("norm"), finite: cells.get("finite") === 1 };
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }

  #bindGradient(graph: EmittedGraph): (batch: Tensors) => void {
    const { state } = this;
    const session = this.#binder.session(graph.model);
    const losses: Cell[] = this.#aligns ? ["loss", "rec", "align"] : ["loss", "rec"];
    const inputs: Record<string, Tensor> = {};
    const outputs: Record<string, Tensor> = { ...this.#binder.cells(losses) };
    for (const view of graph.parameters) {
      const { name } = view.value.attrs;
      inputs[name] = state.view(state.parameters, view);
      outputs[gradientName(name)] = state.view(state.gradients, view);
    }
    for (const { parameter: { name } } of graph.buffers) {
      inputs[name] = state.buffer(state.working, name);
      outputs[nextName(name)] = state.buffer(state.next, name);
    }
    let binding: Binding | undefined;
    return (batch) => {
      const read = batchInputs(session, batch);
      if (binding === undefined) {
        binding = this.#binder.bind(session, { ...inputs, ...read }, outputs);
      } else {
        for (const [name, tensor] of Object.entries(read)) binding.bindInput(name, tensor);
      }
      binding.run();
    };
  }
}
