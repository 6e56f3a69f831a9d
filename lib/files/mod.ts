/** Files and folders that are there whole or not at all. @module */
export * from "./atomic.ts";
