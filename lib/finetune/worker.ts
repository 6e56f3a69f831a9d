/** Where fine-tuning is computed. */

/** The module of the Worker. */
export const WORKER: URL = new URL("./finetune_worker.ts", import.meta.url);
