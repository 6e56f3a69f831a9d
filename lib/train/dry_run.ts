/** What a run would be: everything is checked and opened, a few steps are tried, and nothing is written. */
import type { Parameter } from "../nn/mod.ts";
import { MOMENTS } from "../optim/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import type { RunStart } from "./events.ts";
import type { StepFacts } from "./metrics.ts";
import type { ModelSpec } from "./model_spec.ts";
import { postJob } from "./run_job.ts";
import { startStreams } from "./streams.ts";
import type { PlannedRun } from "./train_run.ts";

/** Steps that are tried: the first takes longer than others, since memory is taken in it. */
const STEPS = { before: 1, timed: 3 } as const;

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
 *
 * @internal
 */
export async function tryRun<S extends RunStart>(
  { task, kind }: PlannedRun<RunConfig, unknown>,
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
  await postJob(kind.worker, { job: kind.command, task: trial }, { observer, signal });
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
    checkpointBytes: checkpointBytes(kind.model, config),
    tried: timed.length,
    secondsPerStep,
    imagesPerSecond,
    seconds: stepsLeft === 0 ? 0 : stepsLeft * secondsPerStep,
  };
}

/** About what a checkpoint takes: parameters, their moments and averages, what is frozen, and buffers. */
function checkpointBytes<C extends RunConfig>(model: ModelSpec<C>, config: C): number {
  const numbersOf = (parameters: readonly Parameter[]) =>
    parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const averages = Number((model.averageDecay?.(config) ?? null) !== null);
  const slabs = 1 + MOMENTS[config.optimiser.kind].length + averages;
  const others = [...model.frozen?.(config) ?? [], ...model.buffers(config)];
  return 4 * (slabs * numbersOf(model.parameters(config)) + numbersOf(others));
}
