/** What an encoder's features are worth: nearest neighbours, linear and partial probes. @module */
export { explainProbe, type ProbeExplained } from "./explain.ts";
export { PROBE_RUNS, type ProbeRunStart } from "./linear_probe.ts";
export type { ChosenRate, SeedOutcome } from "./feature_job.ts";
export { knnAccuracy, type KnnOptions, type LabelledRows } from "./knn.ts";
export { nearest, type NeighbourOptions, type Neighbours, type Rows } from "./neighbours.ts";
export {
  type CachedConfig,
  type JudgingSplit,
  type KnnConfig,
  type LinearConfig,
  PROBE_KINDS,
  PROBE_OPTIMISERS,
  type ProbeConfig,
  type ProbeKind,
  type ProbeOptimiser,
  type ProbeOptions,
} from "./options.ts";
export { LINEAR_PROBE } from "./linear.ts";
export {
  probe,
  type ProbeObserver,
  type ProbeRequest,
  type ProbeStart,
  tryProbe,
} from "./probe.ts";
export type { ProbeReport } from "./report.ts";
export {
  checkEveryClass,
  holdOut,
  JUDGING,
  judgingSplit,
  labelledSamples,
  type Samples,
} from "./samples.ts";
export { checkSizes } from "./form.ts";
export { scratchSizes } from "./scratch_sizes.ts";
export type { SizeOptions } from "./options.ts";
export type { MachineOptions } from "./options.ts";
export type { ProbeCommon } from "./options.ts";
