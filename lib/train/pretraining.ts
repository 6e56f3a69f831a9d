/** Pretraining as a kind of training. */
import { pretrainingBuffers, pretrainingParameters } from "../ccmim/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { patchCount } from "../vit/mod.ts";
import { evaluationGraph, gradientGraph } from "./graphs/gradient.ts";
import type { ModelSpec } from "./model_spec.ts";

/** The pretraining model: its alignment contrasts the images of a micro-batch, so that two are needed. */
export const PRETRAINING: ModelSpec<PretrainConfig> = {
  parameters: pretrainingParameters,
  buffers: pretrainingBuffers,
  gradient: gradientGraph,
  evaluation: evaluationGraph,
  fields: ({ model }) => ({ tokens: patchCount(model) }),
  leastBatch: ({ align }) => align.weight > 0 ? 2 : 1,
};
