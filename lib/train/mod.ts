/** Training: state, named graphs, the engine, the loop. @module */
export { Engine, type EngineOptions, type Losses, type StepEnd } from "./engine.ts";
export * from "./events.ts";
export {
  type BatchConfig,
  type EmittedGraph,
  evaluationGraph,
  gradientGraph,
  gradientName,
  nextName,
} from "./graphs/gradient.ts";
export { CPU_CHUNK, decays, type Layout, layOut } from "./layout.ts";
export { TrainingState } from "./state.ts";
