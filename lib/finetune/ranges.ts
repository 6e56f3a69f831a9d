/** What the numbers of fine-tuning may be. */
import {
  checkRanges,
  NOT_NEGATIVE,
  type NumberOption,
  POSITIVE,
  type Range,
  SEED,
  SHARE,
  TRAINING_RANGES,
} from "../recipes/mod.ts";
import type { FinetuneOptions } from "./options.ts";

const NOT_ALL: Range = {
  holds: (value) => value >= 0 && value < 1,
  words: "a number of at least 0 and below 1",
};
const PROBABILITY: Range = {
  holds: (value) => value >= 0 && value <= 1,
  words: "a number from 0 to 1",
};
const NOT_NONE: Range = {
  holds: (value) => value > 0 && value <= 1,
  words: "a number above 0 and at most 1",
};

const RANGES: Readonly<Record<NumberOption<FinetuneOptions>, Range>> = {
  ...TRAINING_RANGES,
  clipGrad: POSITIVE,
  layerDecay: NOT_NONE,
  dropPath: NOT_ALL,
  mixup: NOT_NEGATIVE,
  cutmix: NOT_NEGATIVE,
  labelSmoothing: NOT_ALL,
  erasing: PROBABILITY,
  cropScale: NOT_NONE,
  ema: NOT_ALL,
  holdOut: SHARE,
  seed: SEED,
};

/** Refuses numbers out of their range. @throws {ConfigError} */
export function checkNumbers(options: FinetuneOptions): void {
  checkRanges(options, RANGES);
}
