/**
 * The trainer Worker: the one thread that owns ONNX Runtime. Its calls block, so it hears of a stop through shared memory and
 * tells of its progress by messages, which leave at once.
 */
/// <reference lib="deno.worker" />
import { type PretrainOutcome, type PretrainTask, runPretraining } from "./pretrainer.ts";
import type { RunObserver } from "./events.ts";

/** What the worker is told. */
export interface TrainerOrder {
  readonly task: PretrainTask;
  /** `[1]`: not 0 once training is to stop. */
  readonly stop: Int32Array;
}

type Events = RunObserver;

/** What the worker tells. */
export type TrainerMessage =
  | { [K in keyof Events]: { type: K; args: Parameters<Events[K]> } }[keyof Events]
  | { readonly type: "done"; readonly outcome: PretrainOutcome }
  | { readonly type: "failed"; readonly error: Error; readonly name: string };

const tell = (message: TrainerMessage) => self.postMessage(message);

self.onmessage = ({ data: { task, stop } }: MessageEvent<TrainerOrder>) => {
  try {
    const observer: Events = {
      start: (...args) => tell({ type: "start", args }),
      step: (...args) => tell({ type: "step", args }),
      epoch: (...args) => tell({ type: "epoch", args }),
      checkpoint: (...args) => tell({ type: "checkpoint", args }),
      warning: (...args) => tell({ type: "warning", args }),
    };
    const outcome = runPretraining(task, observer, {
      stopped: () => Atomics.load(stop, 0) !== 0,
    });
    tell({ type: "done", outcome });
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    tell({ type: "failed", error, name: error.name });
  }
  self.close();
};
