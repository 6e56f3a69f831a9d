/** Training: state, named graphs, the engine, the loop. @module */
export { Engine, type EngineOptions, type Losses, type StepEnd, type StepPart } from "./engine.ts";
export { DivergedError, InterruptedError } from "./errors.ts";
export * from "./events.ts";
export {
  type BatchConfig,
  type EmittedGraph,
  evaluationGraph,
  gradientGraph,
  gradientName,
  nextName,
} from "./graphs/gradient.ts";
export { type Chunk, decays, type Layout, layOut } from "./layout.ts";
export { type Pending } from "./pending.ts";
export { pretrain } from "./pretrain.ts";
export { TrainingState } from "./state.ts";
