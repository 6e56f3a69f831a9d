/** Epochs, steps, warm-up and learning rate of a run. */
import { ConfigError, type PretrainOptions, type RunConfig } from "./config.ts";
import { type Duration, durationSteps, showDuration } from "./duration.ts";
import type { Recipe } from "./recipe.ts";

/** What the length of a run depends on besides the options. */
export interface ScheduleFacts {
  readonly recipe: Pick<Recipe, "epochs" | "warmupEpochs" | "baseLr">;
  readonly perStep: { readonly batch: number; readonly accumulate: number };
  /** Images in the training split. */
  readonly trainCount: number;
}

/** Options that say how long a run is, and how fast it learns. */
export type ScheduleOptions = Pick<
  PretrainOptions,
  "epochs" | "steps" | "warmup" | "baseLr" | "lr" | "checkpointEvery"
>;

/** Images that the base learning rate is for. */
const BASE_IMAGES = 256;

/**
 * The schedule of a run, and the steps between its checkpoints (an epoch unless it is said).
 *
 * @throws {ConfigError} if options contradict each other or the dataset is smaller than a step.
 *
 * @internal
 */
export function resolveSchedule(
  options: ScheduleOptions,
  facts: ScheduleFacts,
): Pick<RunConfig, "schedule" | "checkpointEvery"> {
  const { recipe, trainCount } = facts;
  const images = facts.perStep.batch * facts.perStep.accumulate;
  refuseBoth(options, "epochs", "steps");
  refuseBoth(options, "baseLr", "lr");

  const stepsPerEpoch = Math.floor(trainCount / images);
  if (stepsPerEpoch === 0) {
    throw new ConfigError(
      `Cannot make a step of ${images} images (--batch ${facts.perStep.batch} x --accumulate ` +
        `${facts.perStep.accumulate}): the training split has ${trainCount}`,
    );
  }
  const steps = options.steps ?? (options.epochs ?? recipe.epochs) * stepsPerEpoch;
  const unit = options.steps === undefined ? "epochs" : "steps";

  let warmupSteps: number;
  if (options.warmup !== undefined) {
    warmupSteps = durationSteps(options.warmup, { unit, stepsPerEpoch });
    if (warmupSteps >= steps) {
      throw new ConfigError(
        `Cannot warm up for ${warmupSteps} steps (--warmup ${showDuration(options.warmup)}): ` +
          `the run has ${steps}`,
      );
    }
  } else {
    const full = recipe.warmupEpochs * stepsPerEpoch;
    warmupSteps = Math.min(full, Math.round(steps * recipe.warmupEpochs / recipe.epochs));
  }

  const baseLr = options.lr !== undefined
    ? options.lr * BASE_IMAGES / images
    : options.baseLr ?? recipe.baseLr;
  const lr = options.lr ?? baseLr * images / BASE_IMAGES;

  const checkpointEvery = options.checkpointEvery === undefined ? stepsPerEpoch : checkEvery(
    options.checkpointEvery,
    durationSteps(options.checkpointEvery, { unit, stepsPerEpoch }),
  );
  return {
    schedule: {
      steps,
      epochs: steps / stepsPerEpoch,
      stepsPerEpoch,
      warmupSteps,
      baseLr,
      lr,
      minLr: 0,
    },
    checkpointEvery,
  };
}

/** The steps that `duration` comes to. @throws {ConfigError} if it is less than one. */
export function checkEvery(duration: Duration, steps: number): number {
  if (steps >= 1) return steps;
  throw new ConfigError(
    `Cannot write a checkpoint every ${showDuration(duration)}: that is less than a step`,
  );
}

function refuseBoth(options: ScheduleOptions, a: "epochs" | "baseLr", b: "steps" | "lr"): void {
  if (options[a] !== undefined && options[b] !== undefined) {
    const [first, second] = [a, b].map((name) => name === "baseLr" ? "--base-lr" : `--${name}`);
    throw new ConfigError(`Cannot take both ${first} and ${second}: give one of them`);
  }
}
