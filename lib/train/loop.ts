/**
 * The training loop: the one that every command uses. Commands differ in the graphs, data and recipe that they hand it.
 */
import { DataError } from "../data/mod.ts";
import { residentBytes } from "../runtime/mod.ts";
import { LOSS_SCALE } from "../optim/mod.ts";
import type { Engine, Scalars, StepEnd } from "./engine.ts";
import { DivergedError } from "./errors.ts";
import type { Feed } from "./feed.ts";
import type { EpochOf, Figures, StepOf } from "./metrics.ts";
import type { Pending } from "./pending.ts";

/** What is trained, on what, for how long. */
export interface Training {
  readonly engine: Pick<Engine, "microBatch" | "step" | "runsAhead">;
  readonly feed: Feed;
  /** Names of a step's figures: scalars of the engine's graph, null where it has no such scalar. */
  readonly figures: readonly string[];
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
  /** True if a checkpoint should be written although it is not its step; never unless given. */
  readonly isDue?: () => boolean;
  /** What the present parameters come to on held-out images; called at the end of each epoch and of the run. */
  readonly evaluate: () => Figures;
  /** Writes a checkpoint after `done` steps. */
  readonly save: (done: number) => void;
  /** True once training is asked to stop. */
  readonly stopped: () => boolean;
  /** Decides on a step that is not finite, and says what was found; the run ends unless given. */
  readonly diverged?: (facts: DivergedFacts) => { readonly goOn: boolean; readonly found: string };
}

/** A step whose loss or gradient is not finite; it has changed nothing. */
export interface DivergedFacts {
  /** Counted from 1. */
  readonly step: number;
  readonly epoch: number;
  readonly lr: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly lossScale: number | null;
  /** True if the next step may have run before this was known. */
  readonly isLate: boolean;
}

/** Told as training goes. */
export interface TrainingObserver {
  step(metrics: StepOf): void;
  epoch(metrics: EpochOf): void;
}

/**
 * Trains until the last step, or until it is asked to stop; then the micro-batch under way is finished, and a step that lacks
 * further ones is given up: it has changed nothing. Either way a checkpoint of the last step is written.
 *
 * On a device that runs ahead, what a step came to is read after the next step has been launched, so that the device never waits
 * for the host; and before an evaluation, a checkpoint and the end.
 *
 * @returns steps done in all.
 * @throws {DivergedError} if a loss or gradient is not finite; that step changed nothing.
 *
 * @internal
 */
export function train(training: Training, observer: TrainingObserver): number {
  const { engine: { runsAhead }, stepsPerEpoch, steps, checkpointEvery } = training;
  let saved = training.done;
  let done = training.done;
  let before: Launched | null = null;
  let told: Moment | null = null;
  const tell = () => {
    if (before === null) return;
    const launched = before;
    before = null;
    const { metrics, at } = finished(training, launched, told);
    told = at;
    observer.step(metrics);
  };
  try {
    while (done < steps && !training.stopped()) {
      const launched = launch(training, done);
      if (launched === null) break;
      done++;
      tell();
      before = launched;
      const isEpoch = done % stepsPerEpoch === 0 || done === steps;
      const isSaved = done % checkpointEvery === 0 || training.isDue?.() === true;
      if (!runsAhead || isEpoch || isSaved) tell();
      if (isEpoch) {
        const epoch = Math.ceil(done / stepsPerEpoch) - 1;
        observer.epoch({ step: done, epoch, ...training.evaluate() });
      }
      if (isSaved) {
        training.save(done);
        saved = done;
      }
    }
  } catch (error) {
    if (error instanceof DataError) tell(); // it is about the next step
    throw error;
  }
  tell();
  if (saved !== done) training.save(done);
  return done;
}

/** A point in time, and the seconds spent waiting for data before it. */
interface Moment {
  readonly time: number;
  readonly waited: number;
}

/** A step that the device was given. */
interface Launched {
  readonly done: number;
  readonly lr: number;
  readonly began: Moment;
  readonly scalars: readonly Pending<Scalars>[];
  readonly end: Pending<StepEnd>;
}

function now({ feed: { waited } }: Training): Moment {
  return { time: performance.now() / 1000, waited };
}

/** Launches the step after `done` steps; null if training is asked to stop between its micro-batches. */
function launch(training: Training, done: number): Launched | null {
  const { engine, feed, accumulate } = training;
  const began = now(training);
  const scalars: Pending<Scalars>[] = [];
  while (scalars.length < accumulate) {
    if (scalars.length > 0 && training.stopped()) return null;
    const { tensors, place } = feed.next();
    scalars.push(engine.microBatch(tensors, place));
    feed.done();
  }
  const lr = training.lr(done);
  const end = engine.step(lr);
  feed.readAhead();
  return { done, lr, began, scalars, end };
}

/**
 * What a step came to, once it is done.
 *
 * @param told when the step before was seen to be done: from then on the device worked on this one.
 * @throws {DivergedError} if it was not finite, with float16 in spite of the smallest loss scale.
 */
function finished(
  training: Training,
  { done, lr, began, scalars, end }: Launched,
  told: Moment | null,
): { metrics: StepOf; at: Moment } {
  const { norm, finite, lossScale } = end.read();
  const mean = means(scalars.map((pending) => pending.read()), training.figures);
  const at = now(training);
  const step = done + 1;
  // A float16 gradient that overflowed is skipped; the scale that made it is halved already
  const overflowed = !finite && lossScale !== null && lossScale >= LOSS_SCALE.least;
  const epoch = Math.floor(done / training.stepsPerEpoch);
  const isLeftOut = !finite && !overflowed && isGoingOn(training, {
    step,
    epoch,
    lr,
    loss: mean.loss ?? NaN,
    gradNorm: norm,
    lossScale,
    isLate: training.engine.runsAhead,
  });
  const from = told !== null && told.time > began.time ? told : began;
  const seconds = at.time - from.time;
  const metrics = {
    step,
    epoch,
    ...mean,
    gradNorm: norm,
    ...lossScale === null ? {} : { lossScale },
    ...lossScale === null && !isLeftOut ? {} : { skipped: overflowed || isLeftOut },
    lr,
    imagesPerSecond: training.batch * training.accumulate / seconds,
    dataWait: (at.waited - from.waited) / seconds,
    memory: residentBytes(),
  };
  return { metrics, at };
}

/** True if the run goes on without the step. @throws {DivergedError} if it ends. */
function isGoingOn({ diverged }: Training, facts: DivergedFacts): true {
  const { goOn, found } = diverged?.(facts) ?? { goOn: false, found: null };
  if (goOn) return true;
  const { step, loss, gradNorm } = facts;
  throw new DivergedError(
    `Cannot go on after step ${step}: the loss is ${loss} and the gradient's norm ${gradNorm}; ` +
      (found === null ? "" : `${found}; `) +
      "start a new run with a lower learning rate or with --clip-grad",
  );
}

/** Means over micro-batches; null for what they do not have. */
function means(scalars: readonly Scalars[], names: readonly string[]): Figures {
  return Object.fromEntries(names.map((name) => {
    const values = scalars.map((one) => one[name] ?? null);
    const isThere = values.every((value) => value !== null);
    return [name, isThere ? values.reduce((sum, x) => sum + x, 0) / values.length : null];
  }));
}
