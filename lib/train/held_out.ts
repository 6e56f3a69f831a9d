/** The held-out reconstruction loss of pretraining, and the level to hold it against. */
import type { DeviceContext, SessionOptions } from "../runtime/mod.ts";
import type { Loader } from "../data/mod.ts";
import type { PretrainingConfig } from "../ccmim/mod.ts";
import type { Lowering } from "../lower/mod.ts";
import { Evaluator } from "./evaluator.ts";
import { openFeed } from "./feed.ts";
import type { BatchConfig } from "./graphs/emitted.ts";
import { evaluationGraph } from "./graphs/gradient.ts";
import type { TrainingState } from "./state.ts";

/** What is evaluated, and where. */
export interface HeldOutOptions {
  readonly context: DeviceContext;
  readonly session: SessionOptions;
  readonly state: TrainingState;
  readonly config: PretrainingConfig;
  readonly sizes: BatchConfig;
  /** As the gradient graph is lowered; not if left out. */
  readonly lower?: Lowering | null;
  /** Reads a split again and again in the same order. */
  readonly loader: Loader;
  /** False if the loader reads training images, so that they give a mean level but no loss. */
  readonly isHeldOut: boolean;
}

/** Evaluation with the same images, boxes and noise every time. */
export interface HeldOut extends Disposable {
  /** Reconstruction loss of a model that predicts each target's mean: on the held-out images, else on one batch. */
  readonly meanLevel: number;
  /** Reconstruction loss of the present parameters; null if nothing is held out. */
  evaluate(): number | null;
}

/** Opens the evaluation and measures the mean level. @throws {DataError} if the dataset cannot be read. */
export function openHeldOut(options: HeldOutOptions): HeldOut {
  const { context, session, state, config, sizes, lower = null, loader, isHeldOut } = options;
  using opening = new DisposableStack();
  const graph = evaluationGraph(config, sizes, { lower });
  const evaluator = opening.use(new Evaluator(context, graph, { state, session }));
  const feed = opening.use(openFeed(context, loader));
  const { microBatchesPerEpoch } = loader;
  const evaluate = (microBatches: number) => {
    const sum = { rec: 0, mean: 0 };
    evaluator.evaluate(feed, microBatches, ({ rec, mean }) => {
      sum.rec += rec![0]!;
      sum.mean += mean![0]!;
    });
    return { rec: sum.rec / microBatches, mean: sum.mean / microBatches };
  };
  const meanLevel = evaluate(isHeldOut ? microBatchesPerEpoch : 1).mean;
  const stack = opening.move();
  return {
    meanLevel,
    // Always a whole pass, so that the next one starts from the first image again
    evaluate: () => isHeldOut ? evaluate(microBatchesPerEpoch).rec : null,
    [Symbol.dispose]: () => stack.dispose(),
  };
}
