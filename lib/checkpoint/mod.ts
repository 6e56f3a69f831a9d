/** Tensors and runs at rest: safetensors, .npy, atomic writes, checkpoints. @module */
export * from "./atomic.ts";
export * from "./checkpoint.ts";
export * from "./npy.ts";
export * from "./safetensors.ts";
