/** The evaluation of a classifier in the thread that owns ONNX Runtime. */
import type { ClassificationMetrics } from "../classify/mod.ts";
import type { LoaderTask } from "../data/mod.ts";
import type { DeviceName, Precision } from "../recipes/mod.ts";
import {
  attachStreams,
  Evaluator,
  type Job,
  openComputer,
  openFeed,
  PRECISION_OPTIONS,
  type TensorMap,
  TrainingState,
  UNGROUPED,
} from "../train/mod.ts";
import { type ClassifierConfig, classifierParameters } from "./classifier.ts";
import { judge } from "./judge.ts";
import { logitsGraph } from "./model.ts";

/** A classifier and the images to judge it by. */
export interface EvaluateTask {
  readonly classifier: ClassifierConfig;
  readonly tensors: TensorMap;
  readonly batch: number;
  readonly threads: number;
  readonly device: DeviceName;
  readonly precision: Precision;
  readonly storedSize: number;
  readonly labels: Int32Array;
  readonly streams: { readonly train: LoaderTask };
}

/** The job: classifies every image once. */
export const evaluateJob: Job<EvaluateTask, ClassificationMetrics> = (task, observer, options) => {
  const { classifier, tensors, batch, threads, precision, storedSize, labels } = task;
  const { tf32, lower } = PRECISION_OPTIONS[precision];
  using stack = new DisposableStack();
  const loader = stack.use(attachStreams(task.streams).train);
  const context = openComputer(stack, task, {
    warning: (text) => observer.warning(text),
    ...options.openContext === undefined ? {} : { openContext: options.openContext },
  });
  const session = { threads, tf32 };
  const state = stack.use(
    new TrainingState(context, {
      parameters: [],
      frozen: classifierParameters(classifier),
      buffers: [],
      optimiser: "adamw",
      groupOf: UNGROUPED,
      chunk: context.chunk,
      scalars: [],
      accumulates: false,
    }),
  );
  state.loadModel(tensors);
  const graph = logitsGraph(classifier, { batch, storedSize, crop: true }, { lower });
  const evaluator = stack.use(new Evaluator(context, graph, { state, session }));
  const feed = stack.use(openFeed(context, loader, { microBatches: loader.microBatchesPerEpoch }));
  const judging = { evaluator, feed, labels, batch, classes: classifier.classes.length };
  return judge(judging, (done, total) => observer.progress("Judging", done, total)).metrics;
};
