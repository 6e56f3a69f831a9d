/** The threads that fill the slots of a loader. */
import type { LoaderTask } from "./loader.ts";
import { Ring } from "./ring.ts";

/** A task, and which of its data workers is meant. */
export interface DataWorkerTask extends LoaderTask {
  /** From 0. */
  readonly worker: number;
}

/**
 * Start the data workers of a task; they end when the loader is closed.
 *
 * @internal
 */
export async function startDataWorkers(task: LoaderTask): Promise<void> {
  const numbers = Array.from({ length: task.options.workers }, (_, worker) => worker);
  await Promise.all(numbers.map((worker) => startDataWorker({ ...task, worker })));
}

function startDataWorker(task: DataWorkerTask): Promise<void> {
  const worker = new Worker(new URL("./loader_worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot start the data worker: ${event.message}`));
      const { memory, options: { slots, workers } } = task;
      const failure = { data: false, message: event.message };
      new Ring(memory, slots, workers).breakOff(task.worker, failure);
    };
    worker.postMessage(task);
  });
}
