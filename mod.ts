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
export {
  DataError,
  type Dataset,
  openDataset,
  prepare,
  type PrepareOptions,
  type PrepareResult,
} from "./lib/data/mod.ts";
export { embed, type EmbedOptions, type EmbedResult } from "./lib/embed/mod.ts";
export {
  type CheckpointExport,
  type CheckpointExported,
  exportCheckpoint,
} from "./lib/export/mod.ts";
export {
  finetune,
  type FinetuneObserver,
  type FinetuneReport,
  type FinetuneRequest,
} from "./lib/finetune/mod.ts";
export { probe, type ProbeObserver, type ProbeReport, type ProbeRequest } from "./lib/probe/mod.ts";
export { ConfigError } from "./lib/recipes/mod.ts";
export { EnvironmentError, OrtError } from "./lib/runtime/mod.ts";
export {
  DivergedError,
  InterruptedError,
  type Pretrain,
  pretrain,
  type PretrainObserver,
  type PretrainRequest,
  type PretrainResult,
} from "./lib/train/mod.ts";
export { visualize, type VisualizeRequest, type VisualizeResult } from "./lib/visual/mod.ts";

// Types that those functions take and give
export type {
  ALIGN_GRADIENTS,
  AlignGradient,
  PretrainingConfig,
  Sampling,
  SAMPLINGS,
} from "./lib/ccmim/mod.ts";
export type { StoredTensor } from "./lib/checkpoint/mod.ts";
export type { ClassificationMetrics } from "./lib/classify/mod.ts";
export type {
  AugmentOptions,
  BadImage,
  Channels,
  ClassCount,
  CropOptions,
  DatasetFile,
  DecoderFacts,
  DecoderName,
  DECODERS,
  Fit,
  FITS,
  Held,
  Manifest,
  MixOptions,
  Noise,
  PrepareProgress,
  RandAugmentOptions,
  Resampling,
  RESAMPLINGS,
  Size,
  SourceFacts,
  Split,
  SplitManifest,
  SplitName,
  SPLITS,
  Store,
} from "./lib/data/mod.ts";
export type { Pool as EmbedPool, POOLS as EMBED_POOLS, Prediction } from "./lib/embed/mod.ts";
export type {
  BuildOptions,
  Differences,
  EXPORT_DTYPES,
  ExportDType,
  ExportFormat,
  ExportOptions,
  ExportResult,
  ExportSource,
  FORMATS,
  HeadKind,
  HEADS,
  HuggingFaceModel,
  ImageModelPlan,
  InputKind,
  INPUTS,
  OutputDifference,
  OutputName,
  OUTPUTS,
  Quantization,
  QUANTIZATIONS,
  SafetensorsOptions,
  SafetensorsResult,
  SourceOptions,
} from "./lib/export/mod.ts";
export type {
  EncoderOrigin,
  FEATURE_LAYERS,
  FeatureKind,
  FeatureLayers,
  Pool,
  POOLS,
} from "./lib/features/mod.ts";
export type {
  ClassifierConfig,
  ClassifierReport,
  FINETUNE_RECIPES,
  FinetuneConfig,
  FinetuneEpoch,
  FinetuneOptions,
  FinetuneRecipeName,
  FinetuneSizes,
  FinetuneStart,
  StepOptions,
  Validation,
} from "./lib/finetune/mod.ts";
export type { LarsOptions, Optimiser } from "./lib/optim/mod.ts";
export type {
  CachedConfig,
  ChosenRate,
  JUDGING,
  JudgingSplit,
  KnnConfig,
  LinearConfig,
  MachineOptions,
  PROBE_KINDS,
  PROBE_OPTIMISERS,
  ProbeCommon,
  ProbeConfig,
  ProbeKind,
  ProbeOptimiser,
  ProbeOptions,
  ProbeStart,
  SeedOutcome,
  SizeOptions,
} from "./lib/probe/mod.ts";
export type {
  DeviceName,
  DeviceOption,
  Duration,
  Method,
  METHODS,
  Precision,
  PRECISIONS,
  PretrainConfig,
  PretrainOptions,
  RecipeName,
  RECIPES,
  RECOMPUTE,
  Recompute,
  RunConfig,
  ScheduleConfig,
  ScheduleOptions,
} from "./lib/recipes/mod.ts";
export type { DeviceRequest } from "./lib/runtime/mod.ts";
export type { DType, DTYPES, Shape } from "./lib/tensor/mod.ts";
export type {
  BatchTrial,
  CheckpointOptions,
  DatasetIdentity,
  EpochFacts,
  EpochMetrics,
  EpochOf,
  MemoryEstimate,
  ON_DIVERGENCE,
  OnDivergence,
  PretrainLosses,
  PretrainStart,
  RunMemory,
  RunObserver,
  RunRequest,
  RunStart,
  StepFacts,
  StepMetrics,
  StepOf,
} from "./lib/train/mod.ts";
export type { ModelOptions } from "./lib/visual/mod.ts";
export type { DecoderConfig, EncoderConfig, SizeName, SIZES } from "./lib/vit/mod.ts";
export type { Naming, NAMINGS } from "./lib/weights/mod.ts";

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
/** Fine-tuning: classifiers out of encoders. */
export * as finetuning from "./lib/finetune/mod.ts";
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
