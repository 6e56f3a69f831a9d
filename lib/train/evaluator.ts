/** Losses on held-out images. */
import type { DeviceContext, SessionOptions, Tensor } from "../runtime/mod.ts";
import type { Feed } from "./feed.ts";
import { BatchRuns } from "./graphs/batch_runs.ts";
import type { EmittedGraph } from "./graphs/gradient.ts";
import type { Pending } from "./pending.ts";
import { Slab } from "./slab.ts";
import type { TrainingState } from "./state.ts";

/** Means over what was evaluated. */
export interface Evaluation {
  readonly rec: number;
  /** Reconstruction loss of a model that predicts the mean of its targets. */
  readonly mean: number;
}

/** Elements from one loss to the next: each is aligned for itself. */
const STRIDE = 64;

/** Evaluates the present parameters of a training state. */
export class Evaluator implements Disposable {
  readonly #stack: DisposableStack;
  readonly #losses: Slab;
  readonly #runs: BatchRuns;
  readonly #runsAhead: boolean;

  /** @param graph an evaluation graph. */
  constructor(
    context: DeviceContext,
    graph: EmittedGraph,
    options: { readonly state: TrainingState; readonly session: SessionOptions },
  ) {
    using stack = new DisposableStack();
    const { state, session: sessionOptions } = options;
    const losses = stack.use(new Slab(context, 2 * STRIDE));
    const session = stack.use(context.session(graph.model, sessionOptions));
    const inputs: Record<string, Tensor> = {};
    for (const view of graph.parameters) {
      inputs[view.value.attrs.name] = state.view(state.parameters, view);
    }
    const outputs = { rec: losses.tensor(0, [1]), mean: losses.tensor(STRIDE, [1]) };
    this.#runs = stack.use(new BatchRuns(session, { inputs, outputs, captures: false }));
    this.#losses = losses;
    this.#runsAhead = context.runsAhead;
    this.#stack = stack.move();
  }

  /** Means over the next micro-batches of a feed. */
  evaluate(feed: Feed, microBatches: number): Evaluation {
    const sum = { rec: 0, mean: 0 };
    const add = (losses: Pending<Float32Array>) => {
      const values = losses.read();
      sum.rec += values[0]!;
      sum.mean += values[STRIDE]!;
    };
    let before: Pending<Float32Array> | null = null;
    for (let i = 0; i < microBatches; i++) {
      const { tensors, place } = feed.next();
      this.#runs.run(tensors, place);
      feed.done();
      const losses = this.#losses.readback(0, STRIDE + 1);
      feed.readAhead();
      if (before !== null) add(before);
      before = this.#runsAhead ? losses : (add(losses), null);
    }
    if (before !== null) add(before);
    return { rec: sum.rec / microBatches, mean: sum.mean / microBatches };
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
