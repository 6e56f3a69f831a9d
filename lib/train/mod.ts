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
export type { Job, JobObserver, JobOptions } from "./job.ts";
export type { Attending, OpenedRun, TrainingKind, TrainTask } from "./kind.ts";
export type { CheckpointOptions } from "./keeping.ts";
export { train } from "./loop.ts";
export { estimateMemory, largestBatch, type MemoryEstimate } from "./memory.ts";
export type { EpochOf, Figures, StepOf } from "./metrics.ts";
export { type ModelSpec } from "./model_spec.ts";
export { type Pending } from "./pending.ts";
export { PlacementWatch } from "./placement.ts";
export { PRECISION_OPTIONS } from "./precision.ts";
export { batchTrial } from "./batch_trial.ts";
export { type RunDryRun, tryRun } from "./dry_run.ts";
export { configWithBatch } from "./find_batch.ts";
export { pretrain, PRETRAIN_RUNS, type TryPretrain, tryPretrain } from "./pretrain.ts";
export { type Replay, replay, type ReplayRequest } from "./replay.ts";
export type { RunKind } from "./run_kind.ts";
export { type DatasetIdentity, identifyDataset } from "./run_folder.ts";
export { type JobListener, postJob } from "./run_job.ts";
export { serveJobs } from "./serve_jobs.ts";
export { Slab } from "./slab.ts";
export { type TensorMap, TrainingState } from "./state.ts";
export {
  attachStreams,
  planTraining,
  type ReadingOptions,
  startStreams,
  type Streams,
  workersOf,
} from "./streams.ts";
export { finishRun, type PlannedRun, planRun, type RunPlan, type RunRequest } from "./train_run.ts";
export { openComputer, runTraining, type TrainOutcome } from "./trainer.ts";
export { VERSION } from "./version.ts";
export type { OnDivergence } from "./diverging.ts";
export type { StepFacts } from "./metrics.ts";
export type { EpochFacts } from "./metrics.ts";
export type { ON_DIVERGENCE } from "./diverging.ts";
export type { RunMemory } from "./memory.ts";
