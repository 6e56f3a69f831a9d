/** Contextual masked image modelling: masking, losses, the pretraining model. @module */
export {
  alignmentLoss,
  project,
  projectorParameters,
  type ProjectorStatistics,
} from "./alignment.ts";
export { maskingKey, maskingOrder, needsScores, type Sampling, SAMPLINGS } from "./masking.ts";
export {
  ALIGN_GRADIENTS,
  type AlignGradient,
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingModel,
  type PretrainingOutput,
  pretrainingParameters,
  visibleCount,
} from "./model.ts";
export {
  reconstructedPatches,
  reconstructionLoss,
  reconstructionTarget,
} from "./reconstruction.ts";
