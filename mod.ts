/**
 * Pretrain Vision Transformers by contextual masked image modelling on stock ONNX Runtime: the library that the commands are
 * made of.
 *
 * The two commands are functions here; every layer below them is a namespace.
 *
 * @example
 * ```ts
 * import { pretrain, prepare } from "./mod.ts";
 *
 * await prepare("pictures", "dataset", { valFraction: 0.05 });
 * const options = { recipe: "cifar", steps: 1000 } as const;
 * const result = await pretrain({ data: "dataset", out: "run", options, resume: false }, {
 *   step: ({ step, rec }) => console.log(step, rec),
 * });
 * console.log(result.checkpoint);
 * ```
 *
 * @module
 */
export { DataError, openDataset, prepare } from "./lib/data/mod.ts";
export { ConfigError } from "./lib/recipes/mod.ts";
export { EnvironmentError, OrtError } from "./lib/runtime/mod.ts";
export { probe } from "./lib/probe/mod.ts";
export { DivergedError, InterruptedError, pretrain } from "./lib/train/mod.ts";

export * as augment from "./lib/augment/mod.ts";
export * as ccmim from "./lib/ccmim/mod.ts";
export * as checkpoint from "./lib/checkpoint/mod.ts";
export * as classify from "./lib/classify/mod.ts";
export * as data from "./lib/data/mod.ts";
export * as doctor from "./lib/doctor/mod.ts";
export * as features from "./lib/features/mod.ts";
export * as files from "./lib/files/mod.ts";
export * as graph from "./lib/graph/mod.ts";
export * as inspect from "./lib/inspect/mod.ts";
export * as lower from "./lib/lower/mod.ts";
export * as nn from "./lib/nn/mod.ts";
export * as onnx from "./lib/onnx/mod.ts";
export * as optim from "./lib/optim/mod.ts";
export * as raster from "./lib/raster/mod.ts";
export * as recipes from "./lib/recipes/mod.ts";
export * as report from "./lib/report/mod.ts";
export * as runs from "./lib/runs/mod.ts";
export * as runtime from "./lib/runtime/mod.ts";
export * as tensor from "./lib/tensor/mod.ts";
export * as tensorboard from "./lib/tensorboard/mod.ts";
export * as train from "./lib/train/mod.ts";
export * as visual from "./lib/visual/mod.ts";
export * as vit from "./lib/vit/mod.ts";
