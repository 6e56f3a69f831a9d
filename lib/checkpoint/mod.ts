/** Tensors and runs at rest: safetensors, .npy, checkpoints. @module */
export * from "./checkpoint.ts";
export * from "./npy.ts";
export * from "./safetensors.ts";
