/** Where every value of a probe comes from. */
import { RANDOM } from "../features/mod.ts";
import {
  awaitsBatch,
  explainPretrain,
  type Setting,
  type SettingSource,
  showDuration,
} from "../recipes/mod.ts";
import { type ProbeForm, probeForm } from "./form.ts";
import type { ProbeOptions } from "./options.ts";
import { openSubject, type Subject } from "./plan.ts";
import { baseLrsOf, type ProbeFacts, resolveCached, resolveKnn, resolveLinear } from "./resolve.ts";

/** What is probed, and how. */
export interface ProbeExplained {
  /** A run, a checkpoint, a file of weights, or `random`. */
  readonly checkpoint: string;
  /** Packed dataset with labels. */
  readonly data: string;
  /** What is asked for. */
  readonly options: ProbeOptions;
}

/** An option's value, and where it comes from if it was not given. */
type Row = readonly [value: Setting["value"], source: SettingSource, of?: string];
type Rows = { readonly [K in keyof ProbeOptions]?: Row | undefined };

const SIZES = ["width", "depth", "heads", "imageSize", "patch"] as const;

/**
 * Every option of the probe that `options` ask for, with its value and where that comes from. Given back as options, the values
 * make the same probe. A device or a batch that is `auto` stays so.
 *
 * @throws {ConfigError} if the options cannot be.
 * @throws {DataError} if the dataset or the checkpoint cannot be used.
 *
 * @example
 * ```ts
 * import { explainProbe } from "./mod.ts";
 *
 * const options = { kind: "knn", k: 3 } as const;
 * const settings = explainProbe({ checkpoint: "run", data: "dataset", options });
 * console.assert(settings.find(({ option }) => option === "temperature")!.source === "default");
 * ```
 */
export function explainProbe({ checkpoint, data, options }: ProbeExplained): Setting[] {
  const form = probeForm(options);
  const subject = openSubject(checkpoint, data, options, { warning: () => {} });
  const seed = options.seeds?.[0] ?? 0;
  const facts = {
    encoder: subject.encoderOf(seed),
    trainCount: subject.samplesOf(seed).length,
    classes: subject.classes.length,
    split: subject.split,
    seed,
  };
  const { device, precision, batch } = options;
  const known = device !== "auto" && device !== undefined;
  const decided: ProbeOptions = {
    ...options,
    batch: batch === "auto" ? undefined : batch,
    device: known ? device : undefined,
    precision: known ? precision : undefined,
  };
  const rows: Rows = {
    kind: ["linear", "default"],
    cache: form === "cached" ? [true, "default"] : undefined,
    ...formRows(form, decided, facts),
    ...commonRows(decided, facts),
    ...sizeRows(checkpoint, options, subject, facts),
    device: ["auto", "default"],
  };
  return Object.entries(rows).flatMap(([option, row]): Setting[] => {
    if (row === undefined) return [];
    const [value, source, of = ""] = row;
    const said = options[option as keyof ProbeOptions];
    if (said === undefined) {
      return awaitsBatch(option, options) ? [] : [{ option, value, source, of }];
    }
    return [{ option, value: shown(said), source: "given", of: "" }];
  });
}

/** An option as it is written. */
function shown(said: NonNullable<ProbeOptions[keyof ProbeOptions]>): Setting["value"] {
  if (typeof said !== "object") return said;
  return "count" in said ? showDuration(said) : said.join();
}

/** What one way of probing has and others have not. */
function formRows(
  form: ProbeForm,
  options: ProbeOptions,
  facts: ProbeFacts & { readonly seed: number },
): Rows {
  const fitted = (value: number, isFitted: boolean): Row =>
    isFitted ? [value, "dataset", `${facts.trainCount} images`] : [value, "default"];
  if (form === "knn") {
    const { k, temperature, batch } = resolveKnn(options, facts);
    const isFitted = batch === facts.trainCount;
    return {
      k: [k, "default"],
      temperature: [temperature, "default"],
      batch: fitted(batch, isFitted),
    };
  }
  if (form === "cached") {
    const { optimiser, weightDecay, epochs, warmupEpochs, stepImages, holdOut } = resolveCached(
      options,
      facts,
    );
    return {
      optimiser: [optimiser.kind, "default"],
      baseLrs: [baseLrsOf(optimiser.kind).join(), "default", optimiser.kind],
      weightDecay: [weightDecay, "default"],
      epochs: [epochs, "default"],
      warmup: [`${warmupEpochs}epochs`, "default"],
      batch: fitted(stepImages, stepImages === facts.trainCount),
      holdOut: [holdOut, "default"],
    };
  }
  const config = resolveLinear(options, facts);
  const { schedule, optimiser, batch, accumulate } = config;
  const baseLr = schedule.lr * 256 / (batch * accumulate);
  return {
    blocks: form === "partial" ? [config.blocks, "default"] : undefined,
    optimiser: [optimiser.kind, "default"],
    ...options.lr === undefined
      ? { baseLr: [Number(baseLr.toPrecision(12)), "default", optimiser.kind] }
      : { lr: [schedule.lr, "default"] },
    weightDecay: [optimiser.weightDecay, "default"],
    ...options.steps === undefined
      ? { epochs: [Math.round(schedule.steps / schedule.stepsPerEpoch), "default"] }
      : { steps: [schedule.steps, "default"] },
    warmup: [`${schedule.warmupSteps}steps`, "default"],
    batch: fitted(batch, batch === facts.trainCount),
    accumulate: fitted(accumulate, true),
  };
}

/** What all ways of probing have. */
function commonRows(
  options: ProbeOptions,
  facts: ProbeFacts & { readonly seed: number },
): Rows {
  const isTaughtMean = facts.encoder.pooledNorm;
  const { threads, precision } = resolveKnn({ ...options, k: 1, seeds: [facts.seed] }, facts);
  return {
    pool: isTaughtMean ? ["mean", "checkpoint"] : ["cls", "default"],
    layers: ["last", "default"],
    split: [facts.split, "dataset"],
    labelsPerClass: [null, "default"],
    seeds: ["0", "default"],
    threads: [threads, "default"],
    precision: [precision, "default"],
  };
}

/** Sizes of the encoder: those of the checkpoint, or what pretraining would make. */
function sizeRows(
  checkpoint: string,
  options: ProbeOptions,
  { storedSize }: Subject,
  { encoder: { config }, trainCount }: ProbeFacts,
): Rows {
  if (checkpoint !== RANDOM) {
    return Object.fromEntries(SIZES.map((name) => [name, [config[name], "checkpoint"] as Row]));
  }
  const { model, width, depth, heads, imageSize, patch } = options;
  const settings = explainPretrain(
    { model, width, depth, heads, imageSize, patch, batch: 1, accumulate: 1, alignWeight: 0 },
    { imageSize: storedSize, trainCount },
  );
  return Object.fromEntries(
    settings.filter(({ option }) => SIZES.some((name) => name === option))
      .map(({ option, value, source, of }) => [option, [value, source, of] as Row]),
  );
}
