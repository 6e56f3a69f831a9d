/** Where a run is told to beside `metrics.jsonl`. */
import type { PretrainObserver } from "../train/mod.ts";
import { TensorboardLog, type TensorboardOptions } from "./tensorboard_log.ts";

/** The kinds of logs. */
export const LOGS = ["tensorboard"] as const;

/** One of {@linkcode LOGS}. */
export type LogName = (typeof LOGS)[number];

/** Something that follows a run until it is disposed. */
export interface RunLog extends AsyncDisposable {
  readonly observer: PretrainObserver;
}

const OPEN: Readonly<Record<LogName, (options: TensorboardOptions) => RunLog>> = {
  tensorboard: (options) => new TensorboardLog(options),
};

/** Opens a log of each kind that is named, as one. */
export function openLogs(names: readonly LogName[], options: TensorboardOptions): RunLog {
  const logs = [...new Set(names)].map((name) => OPEN[name](options));
  return {
    observer: tellAll(logs.map(({ observer }) => observer)),
    async [Symbol.asyncDispose]() {
      for (const log of logs) await log[Symbol.asyncDispose]();
    },
  };
}

/** One observer that tells all of them, in their order. */
export function tellAll(observers: readonly PretrainObserver[]): PretrainObserver {
  return {
    trial: (...args) => observers.forEach((observer) => observer.trial?.(...args)),
    start: (...args) => observers.forEach((observer) => observer.start?.(...args)),
    step: (...args) => observers.forEach((observer) => observer.step?.(...args)),
    epoch: (...args) => observers.forEach((observer) => observer.epoch?.(...args)),
    checkpoint: (...args) => observers.forEach((observer) => observer.checkpoint?.(...args)),
    warning: (...args) => observers.forEach((observer) => observer.warning?.(...args)),
  };
}
