/** The way back from a configuration to the options that give it. */
import type { PretrainConfig, PretrainOptions } from "./config.ts";

/** Options that change how a run is computed and not what: they may be given anew. */
type Free = "threads" | "device" | "recompute" | "checkpointEvery";
/** Options that stand for several, or that are counted in two ways: compared on their own. */
type Compared = "model" | "warmup";

/** What a configuration says of every other option. */
export const OPTIONS_OF: {
  readonly [K in Exclude<keyof PretrainOptions, Free | Compared>]-?: (
    config: PretrainConfig,
  ) => PretrainOptions[K] | null;
} = {
  recipe: (config) => config.recipe,
  method: (config) => config.method,
  width: ({ model }) => model.width,
  depth: ({ model }) => model.depth,
  heads: ({ model }) => model.heads,
  imageSize: ({ model }) => model.imageSize,
  patch: ({ model }) => model.patch,
  decoderWidth: ({ model }) => model.decoderWidth,
  decoderDepth: ({ model }) => model.decoderDepth,
  decoderHeads: ({ model }) => model.decoderHeads,
  sampling: ({ masking }) => masking.sampling,
  scoreTemperature: ({ masking }) => masking.scoreTemperature,
  maskRatio: ({ masking }) => masking.ratio,
  alignWeight: ({ align }) => align.weight,
  alignTemperature: ({ align }) => align.temperature,
  alignGradient: ({ align }) => align.gradient,
  normPixLoss: (config) => config.normPixLoss,
  epochs: ({ schedule }) => schedule.epochs,
  steps: ({ schedule }) => schedule.steps,
  batch: (config) => config.batch,
  accumulate: (config) => config.accumulate,
  baseLr: ({ schedule }) => schedule.baseLr,
  lr: ({ schedule }) => schedule.lr,
  weightDecay: ({ optimiser }) => optimiser.weightDecay,
  clipGrad: ({ optimiser }) => optimiser.clipGrad,
  seed: (config) => config.seed,
  precision: (config) => config.precision,
};
