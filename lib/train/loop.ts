/**
 * The training loop: the one that every command uses. Commands differ in the graphs, data and recipe that they hand it.
 */
import type { Loader } from "../data/mod.ts";
import { residentBytes, type Tensors } from "../runtime/mod.ts";
import type { MicroBatch } from "../data/mod.ts";
import type { Engine, Losses } from "./engine.ts";
import { DivergedError } from "./errors.ts";
import type { EpochMetrics, StepMetrics } from "./events.ts";

/** What is trained, on what, for how long. */
export interface Training {
  readonly engine: Engine;
  readonly loader: Loader;
  readonly tensors: (microBatch: MicroBatch) => Tensors;
  /** Learning rate of the step that starts after `done` steps. */
  readonly lr: (done: number) => number;
  /** Micro-batches of a step, and images of a micro-batch. */
  readonly accumulate: number;
  readonly batch: number;
  readonly stepsPerEpoch: number;
  /** Steps of the whole run, and those already done. */
  readonly steps: number;
  readonly done: number;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
  /** Held-out reconstruction loss of the present parameters; null without held-out images. */
  readonly evaluate: () => number | null;
  /** Writes a checkpoint after `done` steps. */
  readonly save: (done: number) => void;
  /** True once training is asked to stop. */
  readonly stopped: () => boolean;
}

/** Told as training goes. */
export interface TrainingObserver {
  step(metrics: StepMetrics): void;
  epoch(metrics: EpochMetrics): void;
}

/**
 * Trains until the last step, or until it is asked to stop; then the step under way is finished. Either way a checkpoint of
 * the last step is written.
 *
 * @returns steps done in all.
 * @throws {DivergedError} if a loss or gradient is not finite; the parameters are those before that step.
 */
export function train(training: Training, observer: TrainingObserver): number {
  const { stepsPerEpoch, steps, checkpointEvery } = training;
  let saved = training.done;
  let done = training.done;
  while (done < steps && !training.stopped()) {
    observer.step(oneStep(training, done++));
    if (done % stepsPerEpoch === 0 || done === steps) {
      const epoch = Math.ceil(done / stepsPerEpoch) - 1;
      observer.epoch({ step: done, epoch, valRec: training.evaluate() });
    }
    if (done % checkpointEvery === 0) {
      training.save(done);
      saved = done;
    }
  }
  if (saved !== done) training.save(done);
  return done;
}

function oneStep(training: Training, done: number): StepMetrics {
  const { engine, loader, accumulate, batch } = training;
  const began = performance.now();
  const waited = loader.waited;
  const losses = Array.from({ length: accumulate }, () => {
    const microBatch = loader.next();
    const result = engine.microBatch(training.tensors(microBatch));
    loader.release(microBatch);
    return result;
  });
  const lr = training.lr(done);
  const { norm, finite } = engine.step(lr);
  const seconds = (performance.now() - began) / 1000;
  const step = done + 1;
  const mean = meanLosses(losses);
  if (!finite) {
    throw new DivergedError(
      `Cannot go on after step ${step}: the loss is ${mean.loss} and the gradient's norm ${norm}; ` +
        "start a new run with a lower learning rate or with --clip-grad",
    );
  }
  return {
    step,
    epoch: Math.floor(done / training.stepsPerEpoch),
    ...mean,
    gradNorm: norm,
    lr,
    imagesPerSecond: batch * accumulate / seconds,
    dataWait: (loader.waited - waited) / seconds,
    memory: residentBytes(),
  };
}

function meanLosses(losses: readonly Losses[]): Losses {
  const mean = (pick: (losses: Losses) => number | null) =>
    losses.reduce((sum, x) => sum + (pick(x) ?? 0), 0) / losses.length;
  return {
    loss: mean((x) => x.loss),
    rec: mean((x) => x.rec),
    align: losses[0]!.align === null ? null : mean((x) => x.align),
  };
}
