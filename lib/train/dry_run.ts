/** What a run would be: everything is checked and opened, a few steps are tried, and nothing is written. */
import type { RunConfig } from "../recipes/mod.ts";
import type { RunStart } from "./events.ts";
import type { StepFacts } from "./metrics.ts";
import { postJob } from "./run_job.ts";
import { startStreams } from "./streams.ts";
import type { PlannedRun } from "./train_run.ts";

/** Steps that are tried: the first takes longer than others, since memory is taken in it. */
const STEPS = { before: 1, timed: 3 } as const;

/** Float32 numbers that a checkpoint holds for each parameter: itself and two moments. */
const PER_PARAMETER = 3;

/** What a run would be. */
export type RunDryRun<S extends RunStart> = S & {
  readonly dryRun: true;
  /** The run's folder, which is not made. */
  readonly out: string;
  /** Steps of the whole run, and those still to do. */
  readonly steps: number;
  readonly stepsLeft: number;
  /** About how many bytes a checkpoint takes. */
  readonly checkpointBytes: number;
  /** Steps that were timed, and their middle figures. */
  readonly tried: number;
  readonly secondsPerStep: number;
  readonly imagesPerSecond: number;
  /** Seconds that the remaining steps are foreseen to take; evaluations and checkpoints come on top. */
  readonly seconds: number;
};

/**
 * Tries a planned run.
 *
 * @param planned by `planRun(..., { dry: true })`.
 * @throws what training throws before and during its first steps.
 */
export async function tryRun<S extends RunStart>(
  { task, worker: { worker, command } }: PlannedRun<RunConfig, unknown>,
  { signal, warning }: {
    readonly signal?: AbortSignal | undefined;
    readonly warning?: ((text: string) => void) | undefined;
  },
): Promise<RunDryRun<S>> {
  const { config } = task;
  let start: S | undefined;
  const rates: number[] = [];
  const observer = {
    start: (event: S) => void (start = event),
    step: ({ imagesPerSecond }: StepFacts) => void rates.push(imagesPerSecond),
    ...warning === undefined ? {} : { warning },
  };
  using _workers = await startStreams(task.streams);
  const trial = { ...task, trial: STEPS.before + STEPS.timed };
  await postJob(worker, { job: command, task: trial }, { observer, signal });
  signal?.throwIfAborted();
  const { steps } = config.schedule;
  const stepsLeft = steps - start!.step;
  const timed = (rates.length > STEPS.before ? rates.slice(STEPS.before) : rates)
    .toSorted((a, b) => a - b);
  const imagesPerSecond = timed[timed.length >> 1] ?? NaN;
  const secondsPerStep = config.batch * config.accumulate / imagesPerSecond;
  return {
    ...start!,
    dryRun: true,
    out: task.out,
    steps,
    stepsLeft,
    checkpointBytes: start!.parameters * PER_PARAMETER * 4,
    tried: timed.length,
    secondsPerStep,
    imagesPerSecond,
    seconds: stepsLeft === 0 ? 0 : stepsLeft * secondsPerStep,
  };
}
