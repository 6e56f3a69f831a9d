/** Layers as functions over values, and the parameters that they read. @module */
export { type Attended, attention, attentionParameters, clsAttention } from "./attention.ts";
export { batchNorm, type BatchNormalised, type RunningStatistics } from "./batch_norm.ts";
export { block, type BlockOutput, blockParameters, type BranchFactors } from "./block.ts";
export { initialValues, type ParameterValues } from "./initial_values.ts";
export { initialise } from "./initialise.ts";
export { LAYER_NORM_EPSILON, layerNorm, layerNormParameters } from "./layer_norm.ts";
export { linear, linearParameters } from "./linear.ts";
export { type Init, type Parameter, Parameters, type ParameterView } from "./parameters.ts";
export { sinCosPositions } from "./positions.ts";
