/** Fine-tuning in the thread that owns ONNX Runtime. */
import type { ClassificationMetrics } from "../classify/mod.ts";
import {
  Evaluator,
  type Job,
  type OpenedRun,
  openFeed,
  PRECISION_OPTIONS,
  runTraining,
  type TensorMap,
  type TrainingKind,
  type TrainOutcome,
  type TrainTask,
} from "../train/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import { judge, type Judgement } from "./judge.ts";
import { CLASSIFIER, logitsGraph } from "./model.ts";

/** What a run depends on beside its configuration. */
export interface FinetuneTaskFacts {
  /** What it starts from: see `startTensors`. */
  readonly initial: TensorMap;
  /** Pixels a side of the stored images, which those of the training batches need not have. */
  readonly storedSize: number;
  /** Class of each image of the streams that judge, in their order. */
  readonly labels: {
    readonly validation: Int32Array;
    readonly test: Int32Array | null;
  };
}

/** What a run comes to. */
export interface FinetuneOutcome extends TrainOutcome {
  /** How the best model classified the images of the test split, or those that chose it; null if the run did not end. */
  readonly metrics: ClassificationMetrics | null;
}

type Run = OpenedRun<FinetuneConfig, FinetuneTaskFacts>;

/** The job: trains, judges each epoch, and in the end the best model. */
export const finetuneJob: Job<TrainTask<FinetuneConfig, FinetuneTaskFacts>, FinetuneOutcome> = (
  task,
  observer,
  options,
) => {
  const { labels, initial } = task.facts;
  let metrics: ClassificationMetrics | null = null;
  const kind: TrainingKind<FinetuneConfig, FinetuneTaskFacts> = {
    model: CLASSIFIER,
    figures: ["loss"],
    start({ state }) {
      state.loadModel(new Map([...state.model(), ...initial]));
    },
    attend(run) {
      const { engine: { state } } = run;
      const averages = task.config.ema !== null;
      using opening = new DisposableStack();
      const validate = opening.use(openJudge(run, "validation", averages));
      const stack = opening.move();
      return {
        start: {
          trainCount: task.config.trainCount,
          validationCount: labels.validation.length,
          testCount: labels.test?.length ?? 0,
        },
        evaluate() {
          const { metrics: { top1, top5 }, loss } = validate.judge();
          return { valTop1: top1, valTop5: top5, valLoss: loss };
        },
        model: () => state.model(),
        best: {
          figure: ({ valTop1 }) => valTop1 ?? null,
          model: () => averages ? averaged(state.model(), state.optimiser()) : state.model(),
        },
        finish(best) {
          if (best !== null) state.loadModel(best.model);
          // The averages are the best model too from here on
          using test = labels.test === null ? null : openJudge(run, "test", averages);
          const told = (done: number, total: number) => observer.progress("Judging", done, total);
          ({ metrics } = (test ?? validate).judge(told));
          return { top1: metrics.top1, top5: metrics.top5 };
        },
        [Symbol.dispose]: () => stack.dispose(),
      };
    },
  };
  const outcome = runTraining(kind, task, observer, options);
  return { ...outcome, metrics };
};

/** Opens the images of a stream to be classified by the present parameters, or their averages. */
function openJudge(
  { context, session, engine: { state }, task, loaders }: Run,
  name: "validation" | "test",
  averages: boolean,
): Disposable & { judge(progress?: (done: number, total: number) => void): Judgement } {
  const { config, facts: { storedSize, labels } } = task;
  const { batch, precision, classes } = config;
  using opening = new DisposableStack();
  const graph = logitsGraph(config, { batch, storedSize, crop: true }, {
    lower: PRECISION_OPTIONS[precision].lower,
  });
  const evaluator = opening.use(new Evaluator(context, graph, { state, session, averages }));
  const feed = opening.use(openFeed(context, loaders[name]!));
  const judging = { evaluator, feed, labels: labels[name]!, batch, classes: classes.length };
  const stack = opening.move();
  return {
    judge: (progress) => judge(judging, progress),
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** The model with averages in place of its parameters. */
function averaged(model: TensorMap, optimiser: TensorMap): TensorMap {
  return new Map([...model].map(([name, tensor]) => {
    return [name, optimiser.get(`average.${name}`) ?? tensor];
  }));
}
