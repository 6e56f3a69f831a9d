/** Where probes are worked out. */

/** The module of the Worker. */
export const WORKER: URL = new URL("./probe_worker.ts", import.meta.url);
