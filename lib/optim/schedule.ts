/** Learning-rate schedules: functions from a step to a rate. */

/** What a warm-up and half-cosine schedule is made of. Steps are optimiser steps. */
export interface WarmupCosine {
  /** Steps of the whole run. */
  readonly steps: number;
  /** Steps of the linear rise, < steps. */
  readonly warmupSteps: number;
  /** Rate at the end of the rise. */
  readonly lr: number;
  /** Rate at the end of the run. */
  readonly minLr: number;
}

/**
 * The rate of the step that starts after `done` steps: a linear rise from 0, then half a cosine (Loshchilov and Hutter
 * 2017, without restarts), evaluated per step as MAE does.
 *
 * @example
 * ```ts
 * import { warmupCosine } from "./schedule.ts";
 * const schedule = { steps: 100, warmupSteps: 10, lr: 1, minLr: 0 };
 * console.assert(warmupCosine(schedule, 0) === 0 && warmupCosine(schedule, 10) === 1);
 * ```
 */
export function warmupCosine(
  { steps, warmupSteps, lr, minLr }: WarmupCosine,
  done: number,
): number {
  if (done < warmupSteps) return lr * done / warmupSteps;
  const share = (done - warmupSteps) / (steps - warmupSteps);
  return minLr + (lr - minLr) * 0.5 * (1 + Math.cos(Math.PI * share));
}
