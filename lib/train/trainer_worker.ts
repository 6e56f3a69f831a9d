/**
 * The trainer Worker: the one thread that owns ONNX Runtime. Its calls block, so it hears of a stop through shared memory and
 * tells of its progress by messages, which leave at once.
 */
/// <reference lib="deno.worker" />
import type { Job, JobObserver } from "./job.ts";
import { type JobName, JOBS, type JobTask } from "./jobs.ts";

/** What the worker is told. */
export interface TrainerOrder<K extends JobName = JobName> {
  readonly job: K;
  readonly task: JobTask<K>;
  /** `[1]`: not 0 once the job is to stop. */
  readonly stop: Int32Array;
}

/** What the worker tells. */
export type TrainerMessage =
  | { readonly type: keyof JobObserver; readonly args: readonly unknown[] }
  | { readonly type: "done"; readonly outcome: unknown }
  | { readonly type: "failed"; readonly error: Error; readonly name: string };

const tell = (message: TrainerMessage) => self.postMessage(message);
const tells = (type: keyof JobObserver) => (...args: readonly unknown[]) => tell({ type, args });

const observer: JobObserver = {
  start: tells("start"),
  step: tells("step"),
  epoch: tells("epoch"),
  checkpoint: tells("checkpoint"),
  progress: tells("progress"),
  warning: tells("warning"),
};

self.onmessage = ({ data: { job, task, stop } }: MessageEvent<TrainerOrder>) => {
  try {
    const run = JOBS[job] as Job<typeof task, unknown>;
    const outcome = run(task, observer, { stopped: () => Atomics.load(stop, 0) !== 0 });
    tell({ type: "done", outcome });
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    tell({ type: "failed", error, name: error.name });
  }
  self.close();
};
