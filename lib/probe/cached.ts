/** A linear probe on features that were taken once: many learning rates at a time, chosen by held-out training images. */
import { type ClassificationMetrics, ClassificationTally } from "../classify/mod.ts";
import { allMicroBatches } from "../data/mod.ts";
import { initialise } from "../nn/mod.ts";
import { type Optimiser, warmupCosine } from "../optim/mod.ts";
import type { DeviceContext, SessionOptions } from "../runtime/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import { DivergedError, Engine, Evaluator, train } from "../train/mod.ts";
import { headBuffers, headParameters } from "./head.ts";
import type { LabelledRows } from "./knn.ts";
import {
  rateName,
  rateOf,
  ratesEvaluation,
  ratesGradient,
  type RateSizes,
  ratesParameters,
} from "./rates.ts";
import { FeatureTable, TableFeed } from "./table_feed.ts";

/** How heads are trained on features. */
export interface CachedOptions {
  readonly classes: number;
  readonly optimiser: Optimiser;
  readonly weightDecay: number;
  readonly epochs: number;
  readonly warmupEpochs: number;
  /** Rows of a step; fewer where there are fewer rows. */
  readonly batch: number;
  readonly seed: number;
  readonly session: SessionOptions;
  /** Told of every step of a training, of all its steps. */
  readonly progress?: (done: number, total: number) => void;
  readonly stopped?: () => boolean;
}

/** Peak learning rates and how the heads trained with them classify rows. */
export interface RateResult {
  readonly lr: number;
  readonly metrics: ClassificationMetrics;
}

/**
 * Trains a head for each learning rate, all at once, and judges each.
 *
 * @param rows to learn from.
 * @param judged what the heads classify at the end.
 * @param lrs peak learning rates. One whose head diverges takes the others of its run with it; so the highest is left out then, and
 * the rest trained anew.
 * @returns a result for each rate that did not diverge, in their order; null if it was stopped.
 * @throws {DivergedError} if even the lowest diverges.
 */
export function trainOnFeatures(
  context: DeviceContext,
  rows: LabelledRows,
  judged: LabelledRows,
  { lrs, ...options }: CachedOptions & { readonly lrs: readonly number[] },
): RateResult[] | null {
  for (let left = [...lrs];;) {
    try {
      return trainAll(context, rows, judged, { ...options, lrs: left });
    } catch (error) {
      if (!(error instanceof DivergedError) || left.length === 1) throw error;
      const highest = Math.max(...left);
      left = left.filter((lr) => lr !== highest);
    }
  }
}

function trainAll(
  context: DeviceContext,
  rows: LabelledRows,
  judged: LabelledRows,
  options: CachedOptions & { readonly lrs: readonly number[] },
): RateResult[] | null {
  const { lrs, classes, epochs, warmupEpochs, seed, session, optimiser, weightDecay } = options;
  const { stopped = () => false, progress } = options;
  using table = new FeatureTable(context, rows);
  const { count, width } = table;
  const batch = Math.min(options.batch, count);
  const sizes: RateSizes = { count, width, batch, classes, rates: lrs.length };
  const peak = Math.max(...lrs);
  using engine = new Engine(context, {
    parameters: ratesParameters(sizes),
    buffers: headBuffers(width),
    gradient: ratesGradient(sizes),
    accumulate: 1,
    optimiser: { ...optimiser, weightDecay, clipGrad: null },
    groupOf: ({ name, shape }) => ({
      weightDecay: shape.length > 1 ? weightDecay : 0,
      lrScale: lrs[rateOf(name)]! / peak,
    }),
    capture: false,
    session,
  });
  startAlike(engine, { seed, ...sizes });
  const stepsPerEpoch = Math.floor(count / batch);
  const steps = epochs * stepsPerEpoch;
  const schedule = { steps, warmupSteps: warmupEpochs * stepsPerEpoch, lr: peak, minLr: 0 };
  using feed = new TableFeed(context, table, {
    seed,
    batch,
    microBatchesPerEpoch: stepsPerEpoch,
    shuffle: true,
  });
  const done = train({
    engine,
    feed,
    figures: ["loss"],
    lr: (done) => warmupCosine(schedule, done),
    accumulate: 1,
    batch,
    stepsPerEpoch,
    steps,
    done: 0,
    checkpointEvery: Infinity,
    evaluate: () => ({}),
    save: () => {},
    stopped,
  }, { step: ({ step }) => progress?.(step, steps), epoch: () => {} });
  if (done < steps) return null;
  const metrics = judge(context, engine, judged, { ...sizes, session });
  return lrs.map((lr, i) => ({ lr, metrics: metrics[i]! }));
}

/** Gives every head the first values that one alone would have, so that learning rates are all that they differ in. */
function startAlike(
  { state }: Engine,
  { seed, width, classes, rates }: RateSizes & { readonly seed: number },
): void {
  const first = headParameters(width, classes).map((parameter) => {
    const values = new Float32Array(sizeOf(parameter.shape));
    initialise(values, parameter, seed);
    return { parameter, data: new Uint8Array(values.buffer) };
  });
  state.initialise(seed);
  const tensors = new Map(state.model());
  for (let rate = 0; rate < rates; rate++) {
    headParameters(width, classes, rateName(rate)).forEach(({ name, shape }, i) => {
      tensors.set(name, { dtype: "float32", shape, data: first[i]!.data });
    });
  }
  state.loadModel(tensors);
}

/** Classifies every row with each head. */
function judge(
  context: DeviceContext,
  engine: Engine,
  rows: LabelledRows,
  { session, ...trained }: RateSizes & { readonly session: SessionOptions },
): ClassificationMetrics[] {
  const { classes: C, rates: R } = trained;
  using table = new FeatureTable(context, rows);
  const { count } = table;
  const batch = Math.min(trained.batch, count);
  const graph = ratesEvaluation({ ...trained, count, batch });
  using evaluator = new Evaluator(context, graph, { state: engine.state, session });
  const microBatchesPerEpoch = allMicroBatches(count, batch);
  const order = { seed: 0, batch, microBatchesPerEpoch, shuffle: false, fill: true };
  using feed = new TableFeed(context, table, order);
  const tallies = Array.from({ length: R }, () => new ClassificationTally(C));
  evaluator.evaluate(feed, microBatchesPerEpoch, ({ logits }, index) => {
    const labels = rows.labels.subarray(index * batch, (index + 1) * batch);
    tallies.forEach((tally, r) =>
      tally.add(headColumns(logits!, { r, R, C, rows: labels.length }), labels)
    );
  });
  return tallies.map((tally) => tally.metrics());
}

/** The logits `[rows, C]` of head `r` out of those of all `[B, R * C]`. */
function headColumns(
  all: Float32Array,
  { r, R, C, rows }: { r: number; R: number; C: number; rows: number },
): Float32Array {
  const own = new Float32Array(rows * C);
  for (let b = 0; b < rows; b++) own.set(all.subarray((b * R + r) * C, (b * R + r + 1) * C), b * C);
  return own;
}
