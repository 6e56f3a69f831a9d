/** Training a probe on augmented images, in the thread that owns ONNX Runtime. */
import { type ClassificationMetrics, ClassificationTally } from "../classify/mod.ts";
import type { EncoderWeights } from "../features/mod.ts";
import {
  Evaluator,
  type Job,
  type OpenedRun,
  openFeed,
  PRECISION_OPTIONS,
  runTraining,
  type TrainingKind,
  type TrainOutcome,
  type TrainTask,
} from "../train/mod.ts";
import { LINEAR_PROBE } from "./linear.ts";
import type { LinearConfig } from "./options.ts";

/** What a probe's training depends on beside its configuration. */
export interface LinearFacts {
  readonly encoder: EncoderWeights;
  /** Class of each image of the stream `judge`, in its order. */
  readonly labels: Int32Array;
}

/** What a probe's training comes to. */
export interface LinearOutcome extends TrainOutcome {
  /** How the images of the stream `judge` were classified at the end; null if it did not come to it. */
  readonly metrics: ClassificationMetrics | null;
}

/** The job: trains, and judges once, at the end. */
export const linearJob: Job<TrainTask<LinearConfig, LinearFacts>, LinearOutcome> = (
  task,
  observer,
  options,
) => {
  let metrics: ClassificationMetrics | null = null;
  const kind: TrainingKind<LinearConfig, LinearFacts> = {
    model: LINEAR_PROBE,
    figures: ["loss"],
    start({ state }) {
      state.loadModel(new Map([...state.model(), ...task.facts.encoder.tensors]));
    },
    attend: (run) => ({
      start: { trainCount: task.config.trainCount, judgeCount: task.facts.labels.length },
      evaluate: () => ({}),
      model: () => run.engine.state.model(),
      finish() {
        metrics = judge(run, (done, total) => observer.progress("Judging", done, total));
        return { top1: metrics.top1, top5: metrics.top5 };
      },
      [Symbol.dispose]: () => {},
    }),
  };
  const outcome = runTraining(kind, task, observer, options);
  return { ...outcome, metrics };
};

/** Classifies every image of the stream `judge` with the present parameters. */
function judge(
  { context, session, engine, task, loaders }: OpenedRun<LinearConfig, LinearFacts>,
  progress: (done: number, total: number) => void,
): ClassificationMetrics {
  const { config, storedSize, facts: { labels } } = task;
  const { batch, precision } = config;
  const sizes = { batch, storedSize, crop: true };
  const { lower } = PRECISION_OPTIONS[precision];
  const graph = LINEAR_PROBE.evaluation(config, sizes, { lower });
  using evaluator = new Evaluator(context, graph, { state: engine.state, session });
  const { microBatchesPerEpoch } = loaders.judge!;
  using feed = openFeed(context, loaders.judge!, { microBatches: microBatchesPerEpoch });
  const tally = new ClassificationTally(config.classes);
  evaluator.evaluate(feed, microBatchesPerEpoch, ({ logits }, index) => {
    const own = labels.subarray(index * batch, (index + 1) * batch);
    tally.add(logits!, own);
    progress(index * batch + own.length, labels.length);
  });
  return tally.metrics();
}
