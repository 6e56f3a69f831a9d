/** Element types, shapes and seeded random numbers. @module */
export * from "./dtype.ts";
export * from "./random.ts";
export * from "./shape.ts";
