/** Options beside the configuration of a run that goes on. */
import { SIZES } from "../vit/mod.ts";
import { flagOf } from "./ranges.ts";
import { ConfigError, type PretrainConfig, type PretrainOptions } from "./config.ts";
import { OPTIONS_OF } from "./options_of.ts";
import { resolveDevice } from "./device.ts";
import { resolvePrecision } from "./precision.ts";
import { durationSteps, showDuration } from "./duration.ts";
import { checkEvery } from "./schedule.ts";

/**
 * The configuration of a run that goes on: the saved one, with other threads, device or checkpoints if
 * `options` say so (with another thread count or device the bytes of the result differ).
 *
 * @throws {ConfigError} if `options` contradict what the run was started with.
 *
 * @example
 * ```ts
 * import { runs } from "../../mod.ts";
 * import { parsePretrainConfig, resumePretrain } from "./mod.ts";
 *
 * const { config } = runs.readRunFiles("run");
 * const saved = parsePretrainConfig(config);
 * console.assert(resumePretrain(saved, { threads: 2 }).threads === 2);
 * ```
 */
export function resumePretrain(saved: PretrainConfig, options: PretrainOptions): PretrainConfig {
  const differing: string[] = [];
  const compare = (flag: string, given: unknown, started: unknown) => {
    if (given === undefined || given === "auto" || given === started) return;
    differing.push(`${flag} ${given}: the run was started with ${started ?? "none"}`);
  };
  for (const [name, pick] of Object.entries(OPTIONS_OF)) {
    compare(flagOf(name), options[name as keyof typeof OPTIONS_OF], pick(saved));
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
