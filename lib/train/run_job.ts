/** Jobs as the main thread sees them. */
import type { JobObserver } from "./job.ts";
import type { JobMessage, JobOrder } from "./serve_jobs.ts";

/** Told of a job; what is left out is not told. Each kind of job knows what its own events are. */
type Told = { readonly [K in keyof JobObserver]?: (...args: never[]) => void };

/** Who is told of a job, and what asks it to stop. */
export interface JobListener {
  readonly observer: object;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a job in a Worker of its own, so that the caller's thread stays free, and passes on what it tells. When `signal` fires the
 * job is asked to stop, and ends as it sees fit.
 *
 * @param module serves the job, by its name.
 * @throws what the job throws, by its name and message.
 *
 * @internal
 */
export async function postJob<Task, Outcome>(
  module: URL,
  { job, task }: { readonly job: string; readonly task: Task },
  { observer, signal }: JobListener,
): Promise<Outcome> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(module, { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  worker.onmessage = ({ data: message }: MessageEvent<JobMessage>) => {
    switch (message.type) {
      case "done":
        return resolve(message.outcome as Outcome);
      case "failed":
        // A Worker's error arrives as a plain Error: its class is known by name only
        return reject(Object.defineProperty(message.error, "name", { value: message.name }));
      default:
        (observer as Told)[message.type]?.(...message.args as never[]);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`The trainer failed: ${event.message}`));
  };
  const onAbort = () => void Atomics.store(stop, 0, 1);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    worker.postMessage({ job, task, stop } satisfies JobOrder);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}
