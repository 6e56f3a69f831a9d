/** What is refused before a run starts. */
import { ConfigError, type ModelConfig, type PretrainOptions } from "./config.ts";
import {
  checkRanges,
  COUNT,
  NOT_NEGATIVE,
  type NumberOption,
  POSITIVE,
  type Range,
  SEED,
  SHARE,
  TRAINING_RANGES,
} from "./ranges.ts";
import type { DatasetFacts } from "./resolve.ts";

const RANGES: Readonly<Record<NumberOption<PretrainOptions>, Range>> = {
  ...TRAINING_RANGES,
  decoderWidth: COUNT,
  decoderDepth: COUNT,
  decoderHeads: COUNT,
  scoreTemperature: POSITIVE,
  maskRatio: SHARE,
  alignWeight: NOT_NEGATIVE,
  alignTemperature: POSITIVE,
  clipGrad: POSITIVE,
  seed: SEED,
};

/** Refuses numbers out of their range. @throws {ConfigError} */
export function checkNumbers(options: PretrainOptions): void {
  checkRanges(options, RANGES);
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

/**
 * Refuses a width that heads or positions do not divide.
 *
 * @throws {ConfigError}
 *
 * @internal
 */
export function checkWidth(
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
