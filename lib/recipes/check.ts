/** What is refused before a run starts. */
import { ConfigError, type ModelConfig, type PretrainOptions } from "./config.ts";
import type { DatasetFacts } from "./resolve.ts";

/** A range of numbers: its test and its words. */
interface Range {
  readonly holds: (value: number) => boolean;
  readonly words: string;
}

const COUNT: Range = {
  holds: (value) => Number.isSafeInteger(value) && value >= 1,
  words: "a whole number of at least 1",
};
const POSITIVE: Range = {
  holds: (value) => Number.isFinite(value) && value > 0,
  words: "a number above 0",
};
const NOT_NEGATIVE: Range = {
  holds: (value) => Number.isFinite(value) && value >= 0,
  words: "a number of at least 0",
};
const SHARE: Range = { holds: (value) => value > 0 && value < 1, words: "between 0 and 1" };
const SEED: Range = {
  holds: (value) => Number.isSafeInteger(value) && value >= 0,
  words: "a whole number in [0, 2^53)",
};

/** What ONNX Runtime takes; more is a slip. */
const THREADS: Range = {
  holds: (value) => COUNT.holds(value) && value <= 4096,
  words: "a whole number in [1, 4096]",
};

/** Names of the options that are numbers. */
type NumberOption = {
  [K in keyof PretrainOptions]-?: PretrainOptions[K] extends number | "auto" | undefined ? K
    : never;
}[keyof PretrainOptions];

const RANGES: Readonly<Record<NumberOption, Range>> = {
  width: COUNT,
  depth: COUNT,
  heads: COUNT,
  imageSize: COUNT,
  patch: COUNT,
  decoderWidth: COUNT,
  decoderDepth: COUNT,
  decoderHeads: COUNT,
  scoreTemperature: POSITIVE,
  maskRatio: SHARE,
  alignWeight: NOT_NEGATIVE,
  alignTemperature: POSITIVE,
  epochs: COUNT,
  steps: COUNT,
  batch: COUNT,
  accumulate: COUNT,
  baseLr: POSITIVE,
  lr: POSITIVE,
  weightDecay: NOT_NEGATIVE,
  clipGrad: POSITIVE,
  seed: SEED,
  threads: THREADS,
};

/** An option's name as a flag: `maskRatio` is `--mask-ratio`. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Refuses numbers out of their range. @throws {ConfigError} */
export function checkNumbers(options: PretrainOptions): void {
  for (const [name, range] of Object.entries(RANGES)) {
    const value = options[name as NumberOption];
    if (value !== undefined && value !== "auto" && !range.holds(value)) {
      throw new ConfigError(`Cannot use ${value} as ${flagOf(name)}: it must be ${range.words}`);
    }
  }
}

/** Refuses a model that cannot be built, or not on this dataset. @throws {ConfigError} */
export function checkModel(
  model: ModelConfig,
  { maskRatio, dataset }: { maskRatio: number; dataset: DatasetFacts },
): void {
  const { imageSize, patch, width, heads, decoderWidth, decoderHeads } = model;
  if (imageSize > dataset.imageSize) {
    throw new ConfigError(
      `Cannot pretrain at --image-size ${imageSize}: the dataset stores ${dataset.imageSize} pixels ` +
        "a side, and enlarging them adds nothing",
    );
  }
  if (imageSize < patch || imageSize % patch !== 0) {
    throw new ConfigError(
      `Cannot cut ${imageSize} pixels a side into patches of ${patch}: --image-size must be a ` +
        "multiple of --patch",
    );
  }
  checkWidth({ width, heads, flags: "--width and --heads" });
  checkWidth({
    width: decoderWidth,
    heads: decoderHeads,
    flags: "--decoder-width and --decoder-heads",
  });
  const patches = (imageSize / patch) ** 2;
  const visible = Math.floor(patches * (1 - maskRatio));
  if (visible < 1 || visible >= patches) {
    throw new ConfigError(
      `Cannot mask ${maskRatio} of ${patches} patches (--mask-ratio): ${visible} would stay visible, ` +
        "and at least 1 must stay and 1 must go",
    );
  }
}

function checkWidth(
  { width, heads, flags }: { width: number; heads: number; flags: string },
): void {
  if (width % heads !== 0) {
    throw new ConfigError(`Cannot split width ${width} into ${heads} heads (${flags})`);
  }
  if (width % 4 !== 0) {
    throw new ConfigError(
      `Cannot make positions of width ${width} (${flags}): sines and cosines of two axes need a ` +
        "multiple of 4",
    );
  }
}
