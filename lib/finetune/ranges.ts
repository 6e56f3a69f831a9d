/** What the numbers of fine-tuning may be. */
import {
  checkRanges,
  COUNT,
  NOT_NEGATIVE,
  POSITIVE,
  type Range,
  SEED,
  SHARE,
  THREADS,
} from "../recipes/mod.ts";
import type { FinetuneOptions } from "./options.ts";

/** Names of the options that are numbers. */
type NumberOption = {
  [K in keyof FinetuneOptions]-?: FinetuneOptions[K] extends number | undefined ? K : never;
}[keyof FinetuneOptions];

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

const RANGES: Readonly<Record<NumberOption, Range>> = {
  width: COUNT,
  depth: COUNT,
  heads: COUNT,
  imageSize: COUNT,
  patch: COUNT,
  epochs: COUNT,
  steps: COUNT,
  batch: COUNT,
  accumulate: COUNT,
  baseLr: POSITIVE,
  lr: POSITIVE,
  weightDecay: NOT_NEGATIVE,
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
  threads: THREADS,
};

/** Refuses numbers out of their range. @throws {ConfigError} */
export function checkNumbers(options: FinetuneOptions): void {
  checkRanges(options, RANGES);
}
