/** Probes on features that are taken once: nearest neighbours, and linear layers at many learning rates. */
import type { ClassificationMetrics } from "../classify/mod.ts";
import type { Loader } from "../data/mod.ts";
import { type EncoderWeights, FeatureExtractor } from "../features/mod.ts";
import {
  availableMemory,
  type DeviceContext,
  type SessionOptions,
  showBytes,
} from "../runtime/mod.ts";
import {
  attachStreams,
  type Job,
  openComputer,
  openFeed,
  OutOfMemoryError,
  PlacementWatch,
  PRECISION_OPTIONS,
  type Streams,
} from "../train/mod.ts";
import { type CachedOptions, type RateResult, trainOnFeatures } from "./cached.ts";
import { knnAccuracy, type LabelledRows } from "./knn.ts";
import type { CachedConfig, KnnConfig } from "./options.ts";
import { holdOut } from "./samples.ts";

/** What a seed learns from: rows of all that features are taken of, ascending. */
export interface SeedRows {
  readonly seed: number;
  readonly rows: Uint32Array<ArrayBuffer>;
}

/** What is probed, and with what. */
export interface FeatureTask {
  readonly config: KnnConfig | CachedConfig;
  readonly encoder: EncoderWeights;
  readonly classes: number;
  /** The streams `train` and `judge`, one pass each in the order of their samples. */
  readonly streams: Streams;
  readonly storedSize: number;
  /** Class of each image of the streams. */
  readonly labels: { readonly train: Int32Array; readonly judge: Int32Array };
  readonly seeds: readonly SeedRows[];
  readonly strictDevice: boolean;
}

/** The learning rate that was best on held-out training images, and how all of them did there. */
export interface ChosenRate {
  /** Learning rate. */
  readonly lr: number;
  /** What each learning rate came to on the images that were held out. */
  readonly heldOut: readonly { readonly lr: number; readonly top1: number }[];
  /** Learning rates whose heads diverged. */
  readonly diverged: readonly number[];
}

/** What one seed comes to. */
export interface SeedOutcome {
  /** The seed. */
  readonly seed: number;
  /** Images that were learnt from. */
  readonly trainCount: number;
  /** What the seed came to. */
  readonly metrics: ClassificationMetrics;
  /** The learning rate that was chosen; null if there was no choice. */
  readonly chosen: ChosenRate | null;
}

type Tell = (what: string, done: number, total: number) => void;

/** The job: a result for each seed, or null if it was stopped. */
export const featureJob: Job<FeatureTask, readonly SeedOutcome[] | null> = (
  task,
  observer,
  { stopped, ...options },
) => {
  using stack = new DisposableStack();
  const loaders = attachStreams(task.streams);
  for (const loader of Object.values(loaders)) stack.use(loader);
  const context = openComputer(stack, task.config, { warning: observer.warning, ...options });
  const placement = new PlacementWatch({ strict: task.strictDevice });
  const { tf32 } = PRECISION_OPTIONS[task.config.precision];
  const session = { threads: task.config.threads, tf32, ...placement.options };
  const surroundings = { context, session, stopped, progress: observer.progress };
  const features = takeFeatures(task, loaders, surroundings);
  if (features === null) return null;
  const outcomes: SeedOutcome[] = [];
  for (const { seed, rows } of task.seeds) {
    const outcome = probe(task, { ...features, train: pick(features.train, rows) }, {
      ...surroundings,
      seed,
    });
    if (outcome === null) return null;
    outcomes.push(outcome);
  }
  return outcomes;
};

interface Surroundings {
  readonly context: DeviceContext;
  readonly session: SessionOptions;
  readonly stopped: () => boolean;
  readonly progress: Tell;
}

interface Features {
  readonly train: LabelledRows;
  readonly judge: LabelledRows;
}

/** Features of both streams. @throws {OutOfMemoryError} if they do not fit into memory. */
function takeFeatures(
  { config, encoder, storedSize, labels }: FeatureTask,
  loaders: Readonly<Record<string, Loader>>,
  { context, session, stopped, progress }: Surroundings,
): Features | null {
  const { batch, features: kind, precision } = config;
  const { lower } = PRECISION_OPTIONS[precision];
  const options = { encoder, kind, batch, storedSize, session, lower };
  using extractor = new FeatureExtractor(context, options);
  const { width } = extractor;
  checkMemory((labels.train.length + labels.judge.length) * width * 4);
  const found: Partial<Record<keyof Features, LabelledRows>> = {};
  for (const name of ["train", "judge"] as const) {
    const count = labels[name].length;
    const values = new Float32Array(count * width);
    const microBatches = loaders[name]!.microBatchesPerEpoch;
    using feed = openFeed(context, loaders[name]!, { microBatches });
    const done = extractor.extract(feed, {
      count,
      stopped,
      each: (rows, first) => {
        values.set(rows, first * width);
        progress(
          "Features",
          (name === "train" ? 0 : labels.train.length) + first +
            rows.length / width,
          labels.train.length + labels.judge.length,
        );
      },
    });
    context.synchronize();
    if (done < count) return null;
    found[name] = { values, width, labels: labels[name] };
  }
  return found as Features;
}

/** Features are read twice at most: as they are, and by what learns from them. */
function checkMemory(bytes: number): void {
  const available = availableMemory();
  if (2 * bytes <= available) return;
  throw new OutOfMemoryError(
    `Cannot keep features of ${showBytes(bytes)}, twice at times: there are ${
      showBytes(available)
    } of memory; take --layers last, --labels-per-class, or --kind linear without --cache`,
  );
}

/** What a seed comes to; null if it was stopped. */
function probe(
  { config, classes }: FeatureTask,
  { train, judge }: Features,
  { context, session, stopped, progress, seed }: Surroundings & { readonly seed: number },
): SeedOutcome | null {
  const trainCount = train.labels.length;
  if (config.kind === "knn") {
    const { k, temperature } = config;
    const metrics = knnAccuracy(context, train, judge, {
      k,
      temperature,
      classes,
      session,
      stopped,
      progress: (share) =>
        progress("Neighbours", Math.round(share * judge.labels.length), judge.labels.length),
    });
    return metrics && { seed, trainCount, metrics, chosen: null };
  }
  const { optimiser, weightDecay, epochs, warmupEpochs, stepImages: batch } = config;
  const told = (what: string) => (done: number, total: number) => progress(what, done, total);
  const options: CachedOptions = {
    classes,
    optimiser,
    weightDecay,
    epochs,
    warmupEpochs,
    batch,
    seed,
    session,
    stopped,
  };
  const all = Uint32Array.from({ length: trainCount }, (_, i) => i);
  const share = config.holdOut;
  const { kept, held } = holdOut(all, { labels: train.labels, classes, share, seed });
  const tried = trainOnFeatures(context, pick(train, kept), pick(train, held), {
    ...options,
    lrs: config.lrs,
    progress: told(`Trying ${config.lrs.length} learning rates`),
  });
  if (tried === null) return null;
  const { lr } = best(tried);
  const final = trainOnFeatures(context, train, judge, {
    ...options,
    lrs: [lr],
    progress: told("Training with the best"),
  });
  if (final === null) return null;
  const rates = tried.map(({ lr }) => lr);
  const chosen = {
    lr,
    heldOut: tried.map(({ lr, metrics: { top1 } }) => ({ lr, top1 })),
    diverged: config.lrs.filter((lr) => !rates.includes(lr)),
  };
  return { seed, trainCount, metrics: final[0]!.metrics, chosen };
}

/** The most accurate; of equals the lowest learning rate. */
function best(results: readonly RateResult[]): RateResult {
  return results.reduce((a, b) => b.metrics.top1 > a.metrics.top1 ? b : a);
}

/** Some rows. */
function pick({ values, width, labels }: LabelledRows, rows: Uint32Array): LabelledRows {
  if (rows.length === labels.length) return { values, width, labels }; // ascending, so all of them
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return { values: picked, width, labels: Int32Array.from(rows, (row) => labels[row]!) };
}
