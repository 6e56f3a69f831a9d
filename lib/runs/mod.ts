/** Runs as they lie on the disk: configuration, metrics, checkpoints. @module */
export { type MetricsLine, readLastMetrics, readMetrics } from "./metrics.ts";
export { isRun, readRunFiles, RUN_CONFIG, type RunFiles } from "./run_files.ts";
