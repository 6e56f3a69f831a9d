/** Training: state, named graphs, the engine, the loop. @module */
export {
  Engine,
  type EngineOptions,
  type OptimiserOptions,
  type Scalars,
  type StepEnd,
  type StepPart,
} from "./engine.ts";
export type { BatchTrial } from "./batch_search.ts";
export { DivergedError, InterruptedError, OutOfMemoryError } from "./errors.ts";
export * from "./events.ts";
export { Evaluator, type Outputs } from "./evaluator.ts";
export {
  type BatchConfig,
  batchImages,
  emitEvaluation,
  emitGradient,
  type EmittedGraph,
  gradientName,
  nextName,
} from "./graphs/emitted.ts";
export { evaluationGraph, gradientGraph } from "./graphs/gradient.ts";
export { type Feed, openFeed } from "./feed.ts";
export { BatchRuns, type PlacedBatch } from "./graphs/batch_runs.ts";
export {
  type Chunk,
  decays,
  groupByDecay,
  type GroupOf,
  type Layout,
  layOut,
  UNGROUPED,
} from "./layout.ts";
export { train } from "./loop.ts";
export { estimateMemory, largestBatch, type MemoryEstimate } from "./memory.ts";
export type { EpochOf, Figures, StepOf } from "./metrics.ts";
export { type Pending } from "./pending.ts";
export { PRECISION_OPTIONS } from "./precision.ts";
export { pretrain, type TryPretrain, tryPretrain } from "./pretrain.ts";
export type { RunDryRun } from "./dry_run.ts";
export { Slab } from "./slab.ts";
export { TrainingState } from "./state.ts";
