/** Optimisers as pure functions over values. @module */
export {
  adamw,
  type AdamWOptions,
  type AdamWState,
  biasCorrections,
  type StepScalars,
} from "./adamw.ts";
export { average } from "./average.ts";
export { finish, type Finished, squaredNorm } from "./finish.ts";
export { lars, type LarsOptions, type LarsState } from "./lars.ts";
export { LOSS_SCALE, nextLossScale, unscaling } from "./loss_scale.ts";
export {
  MOMENTS,
  optimise,
  type Optimiser,
  type OptimiserState,
  STEP_SCALARS,
  type StepInputs,
} from "./optimiser.ts";
export { type WarmupCosine, warmupCosine } from "./schedule.ts";
