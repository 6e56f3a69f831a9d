/** Logs of runs. @module */
export { type LogName, LOGS, openLogs, type RunLog, tellAll } from "./open_log.ts";
export { TENSORBOARD } from "./tensorboard_log.ts";
