/** Logs of runs. @module */
export { type LogName, LOGS, openLogs, openScalarLogs, type RunLog, tellAll } from "./open_log.ts";
export { TENSORBOARD } from "./scalar_log.ts";
