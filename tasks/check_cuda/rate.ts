/** Times steps of one configuration. */
import { peakResidentBytes } from "../../lib/runtime/mod.ts";
import { type LaunchedStep, openRun, type RunOptions, takeSteps } from "./run.ts";

/** What to time. */
export interface RateTask extends RunOptions {
  readonly seconds: number;
}

/** Parts of a step in seconds, means over the timed steps. */
export interface StepTimes {
  /** The host waited for data. */
  readonly wait: number;
  /** The device waited for the copy of the batch. */
  readonly copy: number;
  readonly gradient: number;
  readonly finish: number;
  readonly update: number;
  /** The host was busy launching: more than the step's own time means that the device starves. */
  readonly launching: number;
  /** The device had nothing to do between two steps. */
  readonly gap: number;
}

/** What one process measured. */
export interface RateFigures {
  readonly steps: number;
  readonly images_s: number;
  readonly step_s: number;
  /** Operations of a step's products. */
  readonly flops: number;
  /** Memory of the device that the run took; of the process where the device is the host. */
  readonly memory_bytes: number;
  readonly times: StepTimes;
  readonly loss_first: number;
  readonly loss_last: number;
}

/** Means over timed steps; the gap is that before every step but the first. */
function meanTimes(steps: readonly LaunchedStep[]): StepTimes {
  const mean = (of: (step: LaunchedStep, i: number) => number) =>
    steps.reduce((sum, step, i) => sum + of(step, i), 0) / steps.length;
  const between = (from: number) => ({ marks }: LaunchedStep) =>
    marks[from + 1]!.secondsSince(marks[from]!);
  return {
    wait: mean(({ waited }) => waited),
    copy: mean(between(0)),
    gradient: mean(between(1)),
    finish: mean(between(2)),
    update: mean(between(3)),
    launching: mean(({ launching }) => launching),
    gap: mean(({ marks }, i) => i === 0 ? 0 : marks[0]!.secondsSince(steps[i - 1]!.marks.at(-1)!)),
  };
}

/** Warms up, then times steps for so long. */
export async function measureRate({ seconds, ...options }: RateTask): Promise<RateFigures> {
  using run = await openRun(options);
  const { free } = run;
  const WARM_UP = 4; // both places of a batch, and their capture
  const losses = takeSteps(run, WARM_UP);
  run.context.synchronize();
  const steps: LaunchedStep[] = [];
  const LEAST = 5;
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  while (steps.length < LEAST || elapsed() < seconds) {
    const before = steps.at(-1);
    steps.push(run.launch());
    if (before !== undefined) losses.push(before.loss.read());
  }
  losses.push(steps.at(-1)!.loss.read());
  run.context.synchronize();
  const step = elapsed() / steps.length;
  const left = run.context.memory()?.free;
  const figures = {
    steps: steps.length,
    images_s: options.batch / step,
    step_s: step,
    flops: run.flops,
    memory_bytes: free === null || left === undefined ? peakResidentBytes() : free - left,
    times: meanTimes(steps),
    loss_first: losses[0]!,
    loss_last: losses.at(-1)!,
  };
  for (const { marks } of steps) for (const mark of marks) mark[Symbol.dispose]();
  return figures;
}
