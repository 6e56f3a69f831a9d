/** What a graph tells of one micro-batch after the other, at the present parameters. */
import { sizeOf } from "../tensor/mod.ts";
import { ALIGNMENT, alignTo } from "../runtime/mod.ts";
import type { DeviceContext, SessionOptions, Tensor } from "../runtime/mod.ts";
import type { Feed } from "./feed.ts";
import { BatchRuns } from "./graphs/batch_runs.ts";
import type { EmittedGraph } from "./graphs/emitted.ts";
import type { Pending } from "./pending.ts";
import { Slab } from "./slab.ts";
import type { TrainingState } from "./state.ts";

/** The outputs of a graph by name, float32 and row-major. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** Elements that an output's start is a multiple of. */
const ALIGNED_ELEMENTS = ALIGNMENT / 4;

/** Where an evaluator's graph reads its parameters. */
export interface EvaluatorOptions {
  readonly state: TrainingState;
  readonly session: SessionOptions;
  /** Whether to read the moving averages of the parameters in their place; not unless given. */
  readonly averages?: boolean;
}

/** Evaluates the present parameters of a training state. */
export class Evaluator implements Disposable {
  readonly #stack: DisposableStack;
  readonly #results: Slab;
  readonly #places: readonly (readonly [name: string, offset: number, elements: number])[];
  readonly #runs: BatchRuns;
  readonly #runsAhead: boolean;

  /** @param graph an evaluation graph, whose outputs are float32. */
  constructor(context: DeviceContext, graph: EmittedGraph, options: EvaluatorOptions) {
    using stack = new DisposableStack();
    const { state, session: sessionOptions, averages = false } = options;
    const session = stack.use(context.session(graph.model, sessionOptions));
    let end = 0;
    const places = session.outputs.map(({ name, shape }) => {
      const [offset, elements] = [end, sizeOf(shape)];
      end = alignTo(offset + elements, ALIGNED_ELEMENTS);
      return { name, shape, offset, elements };
    });
    const results = stack.use(new Slab(context, end));
    const inputs: Record<string, Tensor> = {
      ...state.inputs(graph.parameters, averages ? state.averages! : state.parameters),
    };
    for (const { parameter: { name } } of graph.buffers) {
      inputs[name] = state.buffer(state.buffers, name);
    }
    const outputs = Object.fromEntries(
      places.map(({ name, offset, shape }) => [name, results.tensor(offset, shape)]),
    );
    this.#runs = stack.use(new BatchRuns(session, { inputs, outputs, captures: false }));
    this.#results = results;
    this.#places = places.map(({ name, offset, elements }) => [name, offset, elements]);
    this.#runsAhead = context.runsAhead;
    this.#stack = stack.move();
  }

  /** Runs on the next micro-batches of a feed, and tells the outputs of each, in order. */
  evaluate(
    feed: Feed,
    microBatches: number,
    told: (outputs: Outputs, index: number) => void,
  ): void {
    const waiting: (() => void)[] = [];
    for (let i = 0; i < microBatches; i++) {
      const { tensors, place } = feed.next();
      this.#runs.run(tensors, place);
      feed.done();
      const pending = this.#results.readback(0, this.#results.elements);
      feed.readAhead();
      waiting.push(() => told(this.#outputsOf(pending), i));
      if (waiting.length > (this.#runsAhead ? 1 : 0)) waiting.shift()!();
    }
    waiting.forEach((tell) => tell());
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #outputsOf(pending: Pending<Float32Array>): Outputs {
    const values = pending.read();
    return Object.fromEntries(
      this.#places.map(([name, offset, elements]) => {
        return [name, values.subarray(offset, offset + elements)];
      }),
    );
  }
}
