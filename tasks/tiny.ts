/** The least model that has all parts of a pretraining model: for what tests and checks what is around it. */
import { flagOf } from "../lib/recipes/mod.ts";

/** Options of `pretrain()`: 16 patches of images of 8 pixels a side, four images a step, on one thread. */
export const TINY = {
  imageSize: 8,
  patch: 2,
  width: 16,
  depth: 1,
  heads: 2,
  decoderWidth: 16,
  decoderDepth: 1,
  decoderHeads: 2,
  batch: 4,
  threads: 1,
} as const;

/** The same as words of a command line. */
export const TINY_FLAGS: string = Object.entries(TINY)
  .map(([option, value]) => `${flagOf(option)} ${value}`).join(" ");
