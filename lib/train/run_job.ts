/** Jobs as the main thread sees them. */
import type { JobObserver } from "./job.ts";
import type { JobName, JobOutcome, JobTask } from "./jobs.ts";
import type { TrainerMessage, TrainerOrder } from "./trainer_worker.ts";

/** Told of a job; what is left out is not told. Each kind of job knows what its own events are. */
type Told = { readonly [K in keyof JobObserver]?: (...args: never[]) => void };

/**
 * Runs a job in a trainer Worker, so that the caller's thread stays free, and passes on what it tells. When `signal` fires the job
 * is asked to stop, and ends as it sees fit.
 *
 * @throws what the job throws, by its name and message.
 */
export async function runJob<K extends JobName>(
  job: K,
  task: JobTask<K>,
  { observer, signal }: { readonly observer: object; readonly signal?: AbortSignal | undefined },
): Promise<JobOutcome<K>> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./trainer_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<JobOutcome<K>>();
  worker.onmessage = ({ data: message }: MessageEvent<TrainerMessage>) => {
    switch (message.type) {
      case "done":
        return resolve(message.outcome as JobOutcome<K>);
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
    worker.postMessage({ job, task, stop } satisfies TrainerOrder<K>);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}
