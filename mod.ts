/**
 * Pretrain Vision Transformers by contextual masked image modelling on stock ONNX Runtime: the library that the commands are
 * made of.
 *
 * What the commands do are functions here; every layer below them is a namespace.
 *
 * @example Pack pictures, pretrain on them, say what the features are worth, and export the encoder
 * ```ts
 * import { exportCheckpoint, prepare, pretrain, probe } from "./mod.ts";
 *
 * await prepare("pictures", "packed", { size: 32 });
 * const sizes = { width: 16, depth: 1, heads: 2, decoderWidth: 16, decoderDepth: 1, decoderHeads: 2 };
 * const options = { recipe: "cifar", ...sizes, batch: 8, steps: 3 } as const;
 * const { rec } = await pretrain({ data: "packed", out: "small", options, resume: false }, {
 *   step: ({ step, loss }) => console.log(step, loss),
 * });
 * const { top1 } = await probe({
 *   checkpoint: "small",
 *   data: "packed",
 *   out: "probed",
 *   options: { kind: "knn" },
 * });
 * await exportCheckpoint({ checkpoint: "small", out: "small.onnx" });
 * console.log(rec, top1);
 * ```
 *
 * @module
 */
export { DataError, openDataset, prepare } from "./lib/data/mod.ts";
export { embed } from "./lib/embed/mod.ts";
export { exportCheckpoint } from "./lib/export/mod.ts";
export { probe } from "./lib/probe/mod.ts";
export { ConfigError } from "./lib/recipes/mod.ts";
export { EnvironmentError, OrtError } from "./lib/runtime/mod.ts";
export { DivergedError, InterruptedError, pretrain } from "./lib/train/mod.ts";
export { visualize } from "./lib/visual/mod.ts";

/** Crops, resizing and normalisation as graphs. */
export * as augment from "./lib/augment/mod.ts";
/** The pretraining model: masking, reconstruction, alignment. */
export * as ccmim from "./lib/ccmim/mod.ts";
/** Files of tensors: safetensors, .npy, .pth; checkpoints of runs. */
export * as checkpoint from "./lib/checkpoint/mod.ts";
/** Metrics of classifiers, with their confidence. */
export * as classify from "./lib/classify/mod.ts";
/** Datasets: sources, packing, reading, batches. */
export * as data from "./lib/data/mod.ts";
/** What a machine has, and how fast it is. */
export * as doctor from "./lib/doctor/mod.ts";
/** Features and labels of images, as files. */
export * as embedding from "./lib/embed/mod.ts";
/** Trained models as files for other programs. */
export * as exporting from "./lib/export/mod.ts";
/** Features of images, by an encoder. */
export * as features from "./lib/features/mod.ts";
/** Files that appear whole, and locks. */
export * as files from "./lib/files/mod.ts";
/** Graphs of values: ops, gradients, rewrites. */
export * as graph from "./lib/graph/mod.ts";
/** What a file or folder is. */
export * as inspect from "./lib/inspect/mod.ts";
/** Graphs in 16 bits. */
export * as lower from "./lib/lower/mod.ts";
/** Layers as functions over values. */
export * as nn from "./lib/nn/mod.ts";
/** Graphs as ONNX models. */
export * as onnx from "./lib/onnx/mod.ts";
/** Optimisers and schedules. */
export * as optim from "./lib/optim/mod.ts";
/** What features are worth. */
export * as probing from "./lib/probe/mod.ts";
/** Pictures: drawing, PNG. */
export * as raster from "./lib/raster/mod.ts";
/** Recipes, and options resolved into configurations. */
export * as recipes from "./lib/recipes/mod.ts";
/** Runs as one HTML page. */
export * as report from "./lib/report/mod.ts";
/** Folders of runs, and their metrics. */
export * as runs from "./lib/runs/mod.ts";
/** ONNX Runtime: environments, sessions, devices. */
export * as runtime from "./lib/runtime/mod.ts";
/** Shapes, element types, random numbers. */
export * as tensor from "./lib/tensor/mod.ts";
/** Event files. */
export * as tensorboard from "./lib/tensorboard/mod.ts";
/** Training: engine, loop, runs. */
export * as train from "./lib/train/mod.ts";
/** What a model makes of images. */
export * as visual from "./lib/visual/mod.ts";
/** Vision Transformers. */
export * as vit from "./lib/vit/mod.ts";
/** Weights of other libraries: names, matching, interpolation. */
export * as weights from "./lib/weights/mod.ts";
