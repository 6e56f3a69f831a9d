/** The command line that repeats a run. */
import * as v from "valibot";
import { flagOf, type PretrainConfig, showDuration } from "../recipes/mod.ts";

/** An option as a configuration keeps what was asked for. */
const Asked = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.array(v.number()),
  v.object({ count: v.number(), unit: v.optional(v.picklist(["epochs", "steps"])) }),
]);

/** A fine-tuning's start, and its options. */
const Finetuning = v.object({
  initial: v.object({ checkpoint: v.string() }),
  given: v.record(v.string(), Asked),
  seed: v.number(),
  threads: v.number(),
});

/** Characters that a shell leaves as they are. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word as a POSIX shell reads it back. */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The words of the command that trains with just this configuration: every option is said, so that defaults may change.
 *
 * @param folders.data the packed dataset. @param folders.out where the new run is to lie.
 */
export function pretrainWords(
  config: PretrainConfig,
  { data, out }: { readonly data: string; readonly out: string },
): string[] {
  const { model, masking, align, schedule, optimiser } = config;
  const values: Readonly<Record<string, string | number | null>> = {
    data,
    out,
    recipe: config.recipe,
    method: config.method,
    width: model.width,
    depth: model.depth,
    heads: model.heads,
    "image-size": model.imageSize,
    patch: model.patch,
    "decoder-width": model.decoderWidth,
    "decoder-depth": model.decoderDepth,
    "decoder-heads": model.decoderHeads,
    sampling: masking.sampling,
    "score-temperature": masking.scoreTemperature,
    "mask-ratio": masking.ratio,
    "align-weight": align.weight,
    "align-temperature": align.temperature,
    "align-gradient": align.gradient,
    steps: schedule.steps,
    warmup: `${schedule.warmupSteps}steps`,
    batch: config.batch,
    accumulate: config.accumulate,
    lr: schedule.lr,
    "weight-decay": optimiser.weightDecay,
    "clip-grad": optimiser.clipGrad,
    seed: config.seed,
    threads: config.threads,
    device: config.device,
    precision: config.precision,
    recompute: config.recompute,
    "checkpoint-every": `${config.checkpointEvery}steps`,
  };
  const words = Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [`--${name}`, String(value)]
  );
  return ["pretrain", ...words, config.normPixLoss ? "--norm-pix-loss" : "--no-norm-pix-loss"];
}

/**
 * The words of the command that fine-tunes as this configuration was asked for; null if it is none of a fine-tuning.
 *
 * @param folders.data the packed dataset. @param folders.out where the new run is to lie.
 */
export function finetuneWords(
  config: object,
  { data, out }: { readonly data: string; readonly out: string },
): string[] | null {
  const parsed = v.safeParse(Finetuning, config);
  if (!parsed.success) return null;
  const { initial: { checkpoint }, given, seed, threads } = parsed.output;
  const all: Record<string, v.InferOutput<typeof Asked>> = { ...given, seed, threads };
  const options = Object.entries(all).flatMap(([name, value]) => {
    const flag = flagOf(name);
    if (typeof value === "boolean") return value ? [flag] : [];
    if (typeof value !== "object") return [flag, String(value)];
    return [flag, "count" in value ? showDuration(value) : value.join()];
  });
  return ["finetune", "--checkpoint", checkpoint, "--data", data, "--out", out, ...options];
}

/** Words as lines of a shell, an option a line. */
export function commandText(program: string, words: readonly string[]): string {
  const lines: string[] = [program];
  for (const word of words) {
    if (word.startsWith("--")) lines.push(`  ${word}`);
    else lines[lines.length - 1] += ` ${quote(word)}`;
  }
  return lines.join(" \\\n");
}
