/** Event files for TensorBoard. @module */
export { type Clock, EventFile } from "./event_file.ts";
export { encodeEvent, type EventContent, type EventImage, type EventTime } from "./event.ts";
export { frameRecord } from "./record.ts";
