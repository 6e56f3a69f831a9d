/** Files and folders that are there whole or not at all, and have one writer. @module */
export * from "./atomic.ts";
export * from "./exists.ts";
export * from "./lock.ts";
export * from "./orphans.ts";
export * from "./place.ts";
export * from "./write_error.ts";
