/** Options beside the configuration of a run that goes on. */
import { SIZES } from "../vit/mod.ts";
import { flagOf } from "./ranges.ts";
import { ConfigError, type PretrainConfig, type PretrainOptions } from "./config.ts";
import { resolveDevice } from "./device.ts";
import { resolvePrecision } from "./precision.ts";
import { durationSteps, showDuration } from "./duration.ts";
import { checkEvery } from "./schedule.ts";

/** Options that change how a run is computed and not what: they may be given anew. */
type Free = "threads" | "device" | "recompute" | "checkpointEvery";
/** Options that stand for several, or that are counted in two ways: compared on their own. */
type Compared = "model" | "warmup";

/** What the saved configuration says of every other option. */
const SAVED: {
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

/**
 * The configuration of a run that goes on: the saved one, with other threads, device or checkpoints if
 * `options` say so (with another thread count or device the bytes of the result differ).
 *
 * @throws {ConfigError} if `options` contradict what the run was started with.
 */
export function resumePretrain(saved: PretrainConfig, options: PretrainOptions): PretrainConfig {
  const differing: string[] = [];
  const compare = (flag: string, given: unknown, started: unknown) => {
    if (given === undefined || given === "auto" || given === started) return;
    differing.push(`${flag} ${given}: the run was started with ${started ?? "none"}`);
  };
  for (const [name, pick] of Object.entries(SAVED)) {
    compare(flagOf(name), options[name as keyof typeof SAVED], pick(saved));
  }
  if (options.model !== undefined) {
    const sizes = ({ width, depth, heads }: Record<"width" | "depth" | "heads", number>) =>
      `${width}x${depth}x${heads}`;
    const named = sizes(SIZES[options.model]);
    compare("--model", named, sizes(saved.model));
  }
  const { warmup, checkpointEvery } = options;
  const { schedule } = saved;
  if (warmup !== undefined && stepsOf("warmup", options, schedule) !== schedule.warmupSteps) {
    compare(
      "--warmup",
      showDuration(warmup),
      showDuration({ count: schedule.warmupSteps, unit: "steps" }),
    );
  }
  if (differing.length > 0) {
    throw new ConfigError(`Cannot resume with ${differing.join("; or with ")}`);
  }
  const device = options.device === undefined ? saved.device : resolveDevice(options.device);
  return {
    ...saved,
    threads: options.threads ?? saved.threads,
    device,
    precision: resolvePrecision(saved.precision, device),
    recompute: options.recompute ?? saved.recompute,
    checkpointEvery: checkpointEvery === undefined
      ? saved.checkpointEvery
      : checkEvery(checkpointEvery, stepsOf("checkpointEvery", options, schedule)),
  };
}

/**
 * Steps of a duration. The configuration does not say what the run was counted in, so a bare number means something only
 * beside --steps or --epochs.
 */
function stepsOf(
  name: "warmup" | "checkpointEvery",
  options: PretrainOptions,
  { stepsPerEpoch }: PretrainConfig["schedule"],
): number {
  const duration = options[name]!;
  const { steps, epochs } = options;
  if (duration.unit === undefined && steps === undefined && epochs === undefined) {
    const count = showDuration(duration);
    throw new ConfigError(
      `Cannot resume with ${flagOf(name)} ${count}: say ${count}epochs or ${count}steps`,
    );
  }
  return durationSteps(duration, { unit: steps === undefined ? "epochs" : "steps", stepsPerEpoch });
}
