/** Functions that apply ops: the vocabulary in which models are written. @module */
export * from "./elementwise.ts";
export * from "./kernels.ts";
export * from "./leaves.ts";
export * from "./reductions.ts";
export * from "./rows.ts";
export * from "./shapes.ts";
