/** The engine of training: the named graphs, bound to one training state. */
import {
  type DeviceContext,
  OrtError,
  type Session,
  type SessionOptions,
  type Tensor,
  type Tensors,
} from "../runtime/mod.ts";
import type { Parameter } from "../nn/mod.ts";
import type { Optimiser } from "../optim/mod.ts";
import { bindAccumulate } from "./graphs/accumulate.ts";
import { BatchRuns } from "./graphs/batch_runs.ts";
import { bindAverage } from "./graphs/average.ts";
import { Binder, type Run } from "./graphs/binder.ts";
import { bindCopy } from "./graphs/copy.ts";
import { bindFinish } from "./graphs/finish.ts";
import { type EmittedGraph, gradientName, nextName } from "./graphs/emitted.ts";
import { bindMeasure } from "./graphs/measure.ts";
import { bindUpdate } from "./graphs/update.ts";
import { groupByDecay, type GroupOf } from "./layout.ts";
import { mapPending, type Pending } from "./pending.ts";
import { TrainingState } from "./state.ts";

/** What an engine runs. */
export interface EngineOptions {
  /** What is trained. */
  readonly parameters: readonly Parameter[];
  /** What the gradient graph reads and no step changes; nothing unless given. */
  readonly frozen?: readonly Parameter[];
  readonly buffers: readonly Parameter[];
  readonly gradient: EmittedGraph;
  /** Most elements of the optimiser's chunks; what is best on the device unless given. */
  readonly chunk?: number;
  /**
   * Whether the gradient graph is captured, which saves the host from launching its kernels one by one; done unless given where
   * the device can. Batches must then come from fixed places. A graph that ONNX Runtime will not capture, since a part of it
   * runs on the host, is run as it is.
   */
  readonly capture?: boolean;
  /** Micro-batches of a step. */
  readonly accumulate: number;
  readonly optimiser: OptimiserOptions;
  /** The group of each parameter; tensors of two axes or more decay, and all have one learning rate, unless given. */
  readonly groupOf?: GroupOf;
  /** Keeps a moving average of the parameters with this decay, in [0, 1); none unless given. */
  readonly averageDecay?: number | null;
  readonly session: SessionOptions;
  /** Told when a part of a step has been launched, for those who put marks in between. */
  readonly launched?: (part: StepPart) => void;
  /** Told of what was done otherwise than asked. */
  readonly warning?: (text: string) => void;
}

/** Parts of a step, in their order; `gradient` and `accumulate` come once a micro-batch. */
export type StepPart = "gradient" | "accumulate" | "finish" | "update";

/** An optimiser, and what happens to a gradient before it. */
export type OptimiserOptions = Optimiser & {
  /** For the parameters that decay, unless they are grouped otherwise. */
  readonly weightDecay: number;
  /** Largest L2 norm of the whole gradient, or null. */
  readonly clipGrad: number | null;
};

/** What the gradient graph tells of a micro-batch, by name; `loss` is one of it. */
export interface Scalars {
  readonly loss: number;
  readonly [name: string]: number;
}

/** How a step ended. */
export interface StepEnd {
  /** L2 norm of the mean gradient before clipping. */
  readonly norm: number;
  /** False if the step changed nothing, because a loss or a gradient was not finite. */
  readonly finite: boolean;
  /** The loss scale of the next step; null if the loss is not scaled. */
  readonly lossScale: number | null;
}

/**
 * Runs steps. Every graph and buffer is made once; a step makes none. On a device that runs ahead nothing is waited for but what
 * is read of what a call returned.
 */
export class Engine implements Disposable {
  readonly state: TrainingState;
  /** True if results should be read after the next step has been launched. */
  readonly runsAhead: boolean;
  readonly #stack = new DisposableStack();
  readonly #context: DeviceContext;
  readonly #binder: Binder;
  readonly #microBatchesOfStep: number;
  readonly #gradient: BatchRuns;
  readonly #accumulate: { readonly first: Run; readonly further: Run } | null;
  readonly #keepBuffers: Run;
  readonly #finish: readonly Run[];
  readonly #update: readonly Run[];
  readonly #launched: (part: StepPart) => void;
  readonly #scalesLoss: boolean;
  readonly #scalars: readonly string[];
  #microBatches = 0;

  constructor(context: DeviceContext, options: EngineOptions) {
    const { accumulate, gradient, optimiser, capture = context.captures } = options;
    const { weightDecay, clipGrad: clip } = optimiser;
    const { averageDecay = null } = options;
    const betas = optimiser.kind === "adamw" ? optimiser.betas : null;
    const accumulates = accumulate > 1;
    this.#context = context;
    this.runsAhead = context.runsAhead;
    const state = this.#stack.use(
      new TrainingState(context, {
        ...options,
        optimiser: optimiser.kind,
        groupOf: options.groupOf ?? groupByDecay(weightDecay),
        chunk: options.chunk ?? context.chunk,
        scalars: gradient.scalars,
        averages: averageDecay !== null,
        accumulates,
        scalesLoss: gradient.scalesLoss,
      }),
    );
    this.state = state;
    const binder = this.#stack.use(new Binder(context, state, options.session));
    this.#binder = binder;
    this.#microBatchesOfStep = accumulate;
    this.#scalesLoss = gradient.scalesLoss;
    this.#launched = options.launched ?? (() => {});
    this.#scalars = gradient.scalars;
    const { session, captures } = this.#gradientSession(gradient.model, { ...options, capture });
    this.#gradient = this.#stack.use(this.#bindGradient(gradient, session, captures));
    this.#accumulate = accumulates ? bindAccumulate(binder) : null;
    this.#keepBuffers = accumulates ? bindCopy(binder, state.next, state.working) : () => {};
    this.#finish = [
      bindMeasure(binder),
      bindFinish(binder, { accumulate, clip, betas, scalesLoss: gradient.scalesLoss }),
    ];
    this.#update = [
      bindUpdate(binder, optimiser),
      ...averageDecay === null ? [] : [bindAverage(binder, state.averages!, averageDecay)],
      ...accumulates ? [bindCopy(binder, state.buffers, state.working)] : [],
    ];
  }

  /**
   * Computes the scalars and gradients of one micro-batch and adds them to the step's.
   *
   * @param batch the gradient graph's inputs that are no state; it may hold more.
   * @param place which of the places that batches come from by turns this one lies at.
   */
  microBatch(batch: Tensors, place = 0): Pending<Scalars> {
    const isFirst = this.#microBatches++ === 0;
    this.#gradient.run(batch, place);
    this.#launched("gradient");
    if (this.#accumulate !== null) {
      this.#accumulate[isFirst ? "first" : "further"]();
      this.#keepBuffers();
      this.#launched("accumulate");
    }
    return this.state.cells.readback(this.#scalars) as Pending<Scalars>;
  }

  /**
   * Ends the step after its micro-batches.
   *
   * @param lr learning rate of this step.
   * @throws {TypeError} if there were more or fewer micro-batches than a step has.
   */
  step(lr: number): Pending<StepEnd> {
    if (this.#microBatches !== this.#microBatchesOfStep) {
      throw new TypeError(
        `Cannot end a step after ${this.#microBatches} micro-batches: it has ${this.#microBatchesOfStep}`,
      );
    }
    this.#microBatches = 0;
    const { cells } = this.state;
    cells.set("lr", lr);
    for (const run of this.#finish) run();
    this.#launched("finish");
    for (const run of this.#update) run();
    this.#launched("update");
    const end = cells.readback(["norm", "finite", "lossScale"]);
    return mapPending(end, ({ norm, finite, lossScale }) => ({
      norm,
      finite: finite === 1,
      lossScale: this.#scalesLoss ? lossScale : null,
    }));
  }

  [Symbol.dispose](): void {
    if (this.#stack.disposed) return;
    try {
      this.#context.synchronize(); // what is under way uses what is freed here
    } finally {
      this.#stack.dispose();
    }
  }

  #gradientSession(
    model: Uint8Array,
    { capture, warning = () => {} }: Pick<EngineOptions, "capture" | "warning">,
  ): { session: Session; captures: boolean } {
    if (capture) {
      try {
        return { session: this.#binder.session(model, { capture }), captures: true };
      } catch (error) {
        if (!(error instanceof OrtError)) throw error;
        warning(
          `The gradient graph is not captured, so the host launches its kernels: ${error.message}`,
        );
      }
    }
    return { session: this.#binder.session(model), captures: false };
  }

  #bindGradient(graph: EmittedGraph, session: Session, captures: boolean): BatchRuns {
    const { state } = this;
    const inputs: Record<string, Tensor> = {
      ...this.#binder.cells(graph.scalesLoss ? ["lossScale"] : []),
      ...state.inputs(graph.parameters),
    };
    const outputs: Record<string, Tensor> = { ...this.#binder.cells(this.#scalars) };
    for (const view of graph.parameters) {
      if (state.isFrozen(view.parameter)) continue;
      outputs[gradientName(view.value.attrs.name)] = state.view(state.gradients, view);
    }
    for (const { parameter: { name } } of graph.buffers) {
      inputs[name] = state.buffer(state.working, name);
      outputs[nextName(name)] = state.buffer(state.next, name);
    }
    return new BatchRuns(session, { inputs, outputs, captures });
  }
}
