/** Where every value of a fine-tuning run comes from. */
import { awaitsBatch, type Setting, type SettingSource, showDuration } from "../recipes/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import type { FinetuneOptions } from "./options.ts";
import { FINETUNE_RECIPES, type FinetuneRecipe } from "./recipes.ts";
import { resolveFinetune, SCRATCH } from "./resolve.ts";
import { openSubject } from "./subject.ts";

/** What a run is of. */
export interface FinetuneExplained {
  /** A run, a checkpoint, a file of weights, or `none`. */
  readonly checkpoint: string;
  /** Packed dataset with labels. */
  readonly data: string;
  /** What is asked for. */
  readonly options: FinetuneOptions;
}

/** An option's value, and where it comes from if it was not given. */
type Row = readonly [value: Setting["value"], source: SettingSource, of?: string];

/**
 * Every option of the run that `options` ask for, with its value and where that comes from. A device or a batch that is `auto` stays so.
 *
 * @throws {ConfigError} if the options cannot be.
 * @throws {DataError} if the dataset or the checkpoint cannot be used.
 *
 * @example
 * ```ts
 * import { explainFinetune } from "./mod.ts";
 *
 * const options = { steps: 2, warmup: { count: 1, unit: "steps" } } as const;
 * const settings = explainFinetune({ checkpoint: "run", data: "dataset", options });
 * console.assert(settings.find(({ option }) => option === "steps")!.source === "given");
 * ```
 */
export function explainFinetune({ checkpoint, data, options }: FinetuneExplained): Setting[] {
  const { facts } = openSubject(checkpoint, data, options, { warning: () => {} });
  const { device, precision } = options;
  const known = device === "auto" || device === undefined;
  const config = resolveFinetune({
    ...options,
    batch: options.batch === "auto" ? undefined : options.batch,
    device: known ? undefined : device,
    precision: known ? undefined : precision,
  }, facts);
  const rows = rowsOf(config, options);
  return Object.entries(rows).flatMap(([option, [value, source, of = ""]]): Setting[] => {
    const said = options[option as keyof FinetuneOptions];
    if (said === undefined) {
      return awaitsBatch(option, options) ? [] : [{ option, value, source, of }];
    }
    const shown = typeof said === "object" ? showDuration(said) : said;
    return [{ option, value: shown, source: "given", of: "" }];
  });
}

/** Every option, in the order in which they are shown. */
function rowsOf(config: FinetuneConfig, options: FinetuneOptions) {
  const recipe: FinetuneRecipe = FINETUNE_RECIPES[config.recipe];
  const own = (value: Setting["value"]): Row => [value, "recipe", config.recipe];
  const fitted = (value: number, wanted: number): Row =>
    value === wanted ? own(value) : [value, "dataset", `${config.trainCount} images`];
  const { schedule } = config;
  const isScratch = config.initial.checkpoint === SCRATCH;
  const rows: Partial<Record<keyof FinetuneOptions, Row>> = {
    recipe: [config.recipe, "default", `${config.model.imageSize} pixels`],
    imageSize: [config.model.imageSize, isScratch ? "default" : "checkpoint"],
    pool: [config.pool, "default"],
    ...options.steps === undefined
      ? { epochs: own(recipe.epochs) }
      : { steps: own(schedule.steps) },
    warmup: own(`${schedule.warmupSteps}steps`),
    batch: fitted(config.batch, recipe.batch),
    accumulate: fitted(config.accumulate, recipe.accumulate),
    ...options.lr === undefined ? { baseLr: own(recipe.baseLr) } : { lr: own(schedule.lr) },
    layerDecay: isScratch ? [1, "default", "from scratch"] : own(recipe.layerDecay),
    weightDecay: own(recipe.weightDecay),
    clipGrad: [null, "default"],
    ema: [null, "default"],
    cropScale: own(recipe.cropScale),
    randAugment: own(recipe.randAugment ?? "none"),
    erasing: own(recipe.erasing),
    mixup: own(recipe.mixup),
    cutmix: own(recipe.cutmix),
    labelSmoothing: own(recipe.labelSmoothing),
    dropPath: own(recipe.dropPath),
    holdOut: config.validation.split === "val"
      ? [null, "dataset", "val split"]
      : [config.validation.share, "default"],
    seed: [config.seed, "default"],
    threads: [config.threads, "default"],
    device: ["auto", "default"],
    precision: [config.precision, "default"],
    recompute: [config.recompute, "default"],
  };
  return rows;
}
