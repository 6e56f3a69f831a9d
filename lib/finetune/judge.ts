/** How a classifier does on labelled images. */
import { type ClassificationMetrics, ClassificationTally } from "../classify/mod.ts";
import type { Evaluator, Feed } from "../train/mod.ts";

/** What there is to judge by. */
export interface Judging {
  readonly evaluator: Evaluator;
  /** Gives the images in the order of their labels, again and again. */
  readonly feed: Feed;
  /** Class of each image. */
  readonly labels: Int32Array;
  /** Images of a micro-batch; the last one may be filled up, and what fills it does not count. */
  readonly batch: number;
  readonly classes: number;
}

/** How it did. */
export interface Judgement {
  readonly metrics: ClassificationMetrics;
  /** Mean cross-entropy, without smoothing. */
  readonly loss: number;
}

/** Classifies every image once. */
export function judge(
  { evaluator, feed, labels, batch, classes }: Judging,
  progress: (done: number, total: number) => void = () => {},
): Judgement {
  const tally = new ClassificationTally(classes);
  let loss = 0;
  evaluator.evaluate(feed, Math.ceil(labels.length / batch), ({ logits }, index) => {
    const own = labels.subarray(index * batch, (index + 1) * batch);
    tally.add(logits!, own);
    own.forEach((label, row) => {
      loss += surprise(logits!.subarray(row * classes, (row + 1) * classes), label);
    });
    progress(index * batch + own.length, labels.length);
  });
  return { metrics: tally.metrics(), loss: loss / labels.length };
}

/** -log softmax(logits)[label]. */
function surprise(logits: Float32Array, label: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  return Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0)) + most - logits[label]!;
}
