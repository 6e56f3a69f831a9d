/** Which options a probe takes, and what they may be. */
import type { EncoderWeights } from "../features/mod.ts";
import {
  checkRange,
  checkRanges,
  ConfigError,
  COUNT,
  flagOf,
  type NumberOption,
  POSITIVE,
  type Range,
  SEED,
  SHARE,
  TRAINING_RANGES,
} from "../recipes/mod.ts";
import { SIZES } from "../vit/mod.ts";
import type { ProbeKind, ProbeOptions } from "./options.ts";

const RANGES: Readonly<Record<NumberOption<ProbeOptions>, Range>> = {
  ...TRAINING_RANGES,
  labelsPerClass: COUNT,
  k: COUNT,
  temperature: POSITIVE,
  blocks: COUNT,
  holdOut: SHARE,
};

/** What a probe is in full: its kind, or that it works on cached features. */
export type ProbeForm = ProbeKind | "cached";

/** Options that some forms only take. */
const TAKEN_BY: Partial<Record<keyof ProbeOptions, readonly ProbeForm[]>> = {
  k: ["knn"],
  temperature: ["knn"],
  blocks: ["partial"],
  epochs: ["linear", "partial", "cached"],
  warmup: ["linear", "partial", "cached"],
  steps: ["linear", "partial"],
  checkpointEvery: ["linear", "partial"],
  optimiser: ["linear", "partial", "cached"],
  weightDecay: ["linear", "partial", "cached"],
  baseLr: ["linear", "partial"],
  lr: ["linear", "partial"],
  accumulate: ["linear", "partial"],
  baseLrs: ["cached"],
  holdOut: ["cached"],
  cache: ["cached"],
};

const FORM_WORDS: { readonly [K in ProbeForm]: string } = {
  knn: "--kind knn",
  linear: "--kind linear",
  partial: "--kind partial",
  cached: "--cache",
};

/** The form of a probe. @throws {ConfigError} if an option is out of its range, or the form does not take it. */
export function probeForm(options: ProbeOptions): ProbeForm {
  checkRanges(options, RANGES);
  for (const seed of options.seeds ?? []) checkRange("seeds", seed, SEED);
  for (const lr of options.baseLrs ?? []) checkRange("baseLrs", lr, POSITIVE);
  const kind = options.kind ?? "linear";
  if (options.cache && kind !== "linear") {
    throw new ConfigError(
      `Cannot take --cache with --kind ${kind}: it is a way to probe with --kind linear`,
    );
  }
  const form = options.cache ? "cached" : kind;
  for (const [name, forms] of Object.entries(TAKEN_BY)) {
    const value = options[name as keyof ProbeOptions];
    if (value === undefined || value === false || forms.includes(form)) continue;
    throw new ConfigError(
      `Cannot take ${flagOf(name)} with ${FORM_WORDS[form]}: it is for ${
        forms.map((other) => FORM_WORDS[other]).join(" and ")
      }`,
    );
  }
  if (options.batch === "auto" && (form === "knn" || form === "cached")) {
    throw new ConfigError(
      `Cannot take --batch auto with ${FORM_WORDS[form]}: it is for what is trained on images`,
    );
  }
  return form;
}

/**
 * @param doing what is done with the checkpoint, for the error.
 * @throws {ConfigError} if the options say another size than the checkpoint's.
 *
 * @internal
 */
export function checkSizes(
  { model, ...sizes }: Pick<
    ProbeOptions,
    "model" | "width" | "depth" | "heads" | "imageSize" | "patch"
  >,
  { config, origin }: Pick<EncoderWeights, "config" | "origin">,
  doing = "probe",
): void {
  const named = model === undefined
    ? {}
    : { width: SIZES[model].width, depth: SIZES[model].depth, heads: SIZES[model].heads };
  for (const name of ["width", "depth", "heads", "imageSize", "patch"] as const) {
    const wanted = sizes[name] ?? (named as Partial<typeof config>)[name];
    if (wanted === undefined || wanted === config[name]) continue;
    const given = sizes[name] === undefined ? `--model ${model}` : `${flagOf(name)} ${wanted}`;
    const { width, depth, heads, imageSize, patch } = config;
    throw new ConfigError(
      `Cannot ${doing} ${origin.checkpoint} with ${given}: the checkpoint is ${width}x${depth}x${heads}, ` +
        `${imageSize} px in patches of ${patch}`,
    );
  }
}
