/**
 * The side of a Worker that does jobs: the one thread that owns ONNX Runtime. Its calls block, so it hears of a stop through shared
 * memory and tells of its progress by messages, which leave at once.
 */
/// <reference lib="deno.worker" />
import type { Job, JobObserver } from "./job.ts";

/** What the Worker is told. */
export interface JobOrder {
  readonly job: string;
  readonly task: unknown;
  /** `[1]`: not 0 once the job is to stop. */
  readonly stop: Int32Array;
}

/** What the Worker tells. */
export type JobMessage =
  | { readonly type: keyof JobObserver; readonly args: readonly unknown[] }
  | { readonly type: "done"; readonly outcome: unknown }
  | { readonly type: "failed"; readonly error: Error; readonly name: string };

/**
 * Does the one job that comes, which is named, and closes the Worker.
 *
 * @internal
 */
export function serveJobs(jobs: Readonly<Record<string, Job<never, unknown>>>): void {
  const tell = (message: JobMessage) => self.postMessage(message);
  const tells = (type: keyof JobObserver) => (...args: readonly unknown[]) => tell({ type, args });
  const observer: JobObserver = {
    start: tells("start"),
    step: tells("step"),
    epoch: tells("epoch"),
    checkpoint: tells("checkpoint"),
    progress: tells("progress"),
    warning: tells("warning"),
  };
  self.onmessage = ({ data: { job, task, stop } }: MessageEvent<JobOrder>) => {
    try {
      const run = jobs[job] as Job<unknown, unknown>;
      const outcome = run(task, observer, { stopped: () => Atomics.load(stop, 0) !== 0 });
      tell({ type: "done", outcome });
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      tell({ type: "failed", error, name: error.name });
    }
    self.close();
  };
}
