/** Where every value of a run's configuration comes from. */
import type { PretrainOptions } from "./config.ts";
import { showDuration } from "./duration.ts";
import { OPTIONS_OF } from "./options_of.ts";
import { type DatasetFacts, resolvePretrain } from "./resolve.ts";
import { RECIPES } from "./recipes.ts";

/**
 * `given`: said by the caller; `recipe` and `method`: their defaults; `size`: of the named encoder; `dataset`: fitted to what
 * it stores; `checkpoint`: what the weights are of; `default`: of everything.
 */
export type SettingSource =
  | "given"
  | "recipe"
  | "method"
  | "size"
  | "dataset"
  | "checkpoint"
  | "default";

/** An option of a run, as it will be. */
export interface Setting {
  /** Its name as an option of the library, as in `maskRatio`. */
  readonly option: string;
  /** Null is "none". */
  readonly value: string | number | boolean | null;
  readonly source: SettingSource;
  /** Which one, as in the recipe `cifar`; empty where there is but one. */
  readonly of: string;
}

type Name = keyof PretrainOptions;

/** Options in the order in which they are shown. */
const ORDER: readonly Name[] = [
  "recipe",
  "method",
  "model",
  "width",
  "depth",
  "heads",
  "imageSize",
  "patch",
  "decoderWidth",
  "decoderDepth",
  "decoderHeads",
  "sampling",
  "scoreTemperature",
  "maskRatio",
  "alignWeight",
  "alignTemperature",
  "alignGradient",
  "normPixLoss",
  "epochs",
  "steps",
  "warmup",
  "batch",
  "accumulate",
  "baseLr",
  "lr",
  "weightDecay",
  "clipGrad",
  "seed",
  "threads",
  "device",
  "precision",
  "recompute",
  "checkpointEvery",
];

const BY_METHOD: readonly Name[] = ["sampling", "alignWeight"];
const BY_SIZE: readonly Name[] = ["width", "depth", "heads"];
const BY_DATASET: readonly Name[] = ["imageSize", "patch"];
const BY_DEFAULT: readonly Name[] = [
  "method",
  "scoreTemperature",
  "alignTemperature",
  "alignGradient",
  "seed",
  "threads",
  "device",
  "precision",
  "recompute",
];

/**
 * Every option of the run that `options` ask for, with its value and where that comes from. Given back as options, the values
 * make the same run. A device or a batch that is `auto` stays so, and what follows from that batch is left out; checkpoints are
 * listed if they are asked for.
 *
 * @throws {ConfigError} where {@linkcode resolvePretrain} does.
 *
 * @example
 * ```ts
 * import { explainPretrain } from "./mod.ts";
 *
 * const dataset = { imageSize: 32, trainCount: 50_000 };
 * const settings = explainPretrain({ recipe: "cifar", epochs: 30 }, dataset);
 * settings.find(({ option }) => option === "batch"); // { option: "batch", value: 128, source: "recipe", of: "cifar" }
 * ```
 */
export function explainPretrain(options: PretrainOptions, dataset: DatasetFacts): Setting[] {
  const { batch, device, ...fixed } = options;
  const config = resolvePretrain({
    ...fixed,
    batch: batch === "auto" ? undefined : batch,
    device: device === "auto" || device === undefined ? undefined : device,
    precision: device === "auto" || device === undefined ? undefined : options.precision,
  }, dataset);

  /** Of two options that mean the same, the one that is not used. */
  const unused: readonly Name[] = [
    options.steps === undefined ? "steps" : "epochs",
    options.lr === undefined ? "lr" : "baseLr",
  ];
  const valueOf = (name: Name): Setting["value"] => {
    const said = options[name];
    if (said !== undefined) return typeof said === "object" ? showDuration(said) : said;
    if (name === "device") return "auto";
    if (name === "threads") return config.threads;
    if (name === "recompute") return config.recompute;
    if (name === "warmup") return `${config.schedule.warmupSteps}steps`;
    const value = OPTIONS_OF[name as keyof typeof OPTIONS_OF](config);
    return value ?? null;
  };
  const sourceOf = (name: Name): Pick<Setting, "source" | "of"> => {
    if (options[name] !== undefined) return { source: "given", of: "" };
    if (name === "recipe") return { source: "dataset", of: `${dataset.imageSize} pixels` };
    if (BY_DEFAULT.includes(name)) return { source: "default", of: "" };
    if (BY_METHOD.includes(name)) return { source: "method", of: config.method };
    if (BY_SIZE.includes(name) && options.model !== undefined) {
      return { source: "size", of: options.model };
    }
    if (name === "patch" && fromSize(options)) return { source: "size", of: encoderOf(options) };
    if (BY_DATASET.includes(name) && options.recipe === undefined) {
      return { source: "dataset", of: `${dataset.imageSize} pixels` };
    }
    if (
      (name === "batch" || name === "accumulate") && config[name] !== RECIPES[config.recipe][name]
    ) {
      return { source: "dataset", of: `${dataset.trainCount} images` };
    }
    return { source: "recipe", of: config.recipe };
  };
  return ORDER
    .filter((name) =>
      options[name] !== undefined || (!unused.includes(name) && !awaitsBatch(name, options))
    )
    .filter((name) =>
      options[name] !== undefined || (name !== "model" && name !== "checkpointEvery")
    )
    .map((name) => ({ option: name, value: valueOf(name), ...sourceOf(name) }));
}

/** True where a named recipe leaves the patch to its encoder. */
function fromSize({ recipe }: PretrainOptions): boolean {
  return recipe !== undefined && !("patch" in RECIPES[recipe]);
}

function encoderOf({ model, recipe }: PretrainOptions): string {
  const { encoder } = RECIPES[recipe!];
  return model ?? (typeof encoder === "string" ? encoder : recipe!);
}

/**
 * True of options that follow from the batch, while that is still to be found.
 *
 * @internal
 */
export function awaitsBatch(
  option: string,
  { batch }: { readonly batch?: number | "auto" | undefined },
): boolean {
  return batch === "auto" && (option === "accumulate" || option === "warmup");
}
