/** Where a run is told to beside `metrics.jsonl`. */
import type { PretrainObserver } from "../train/mod.ts";
import { ScalarLog } from "./scalar_log.ts";
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

/** Opens a log of each kind that is named for a run that paints nothing: numbers and configuration. @param out its folder. */
export function openScalarLogs(
  names: readonly LogName[],
  out: string,
): Disposable & { readonly observer: Partial<ScalarLog["observer"]> } {
  return names.length === 0 ? { observer: {}, [Symbol.dispose]() {} } : new ScalarLog(out);
}

/** One observer that tells all of them, in their order. */
export function tellAll<Observer extends object>(observers: readonly Observer[]): Observer {
  type Listeners = Readonly<Record<string, ((...args: unknown[]) => void) | undefined>>;
  const names = new Set(observers.flatMap((observer) => Object.keys(observer)));
  const told = [...names].map((name) => [name, (...args: unknown[]) => {
    for (const observer of observers as readonly Listeners[]) observer[name]?.(...args);
  }]);
  return Object.fromEntries(told) as Observer;
}
