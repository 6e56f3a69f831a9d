/** What is timed: three sizes of the pretraining model. */
import type { ModelConfig } from "../../lib/recipes/mod.ts";

/** A model and its micro-batch. */
export interface Configuration {
  readonly model: ModelConfig;
  /** Images of a step. */
  readonly batch: number;
  /** Pixels of a side of the stored images, where data is read. */
  readonly storedSize: number;
}

const decoder = { decoderWidth: 512, decoderDepth: 8, decoderHeads: 16 };
const common = { mlpRatio: 4, projectorWidth: 256 };
const at224 = { imageSize: 224, patch: 16, depth: 12, ...decoder, ...common };

/** The configurations by the names that the PyTorch twin gives them. */
export const CONFIGURATIONS = {
  vit_tiny_p4_32: {
    model: {
      imageSize: 32,
      patch: 4,
      width: 192,
      depth: 12,
      heads: 3,
      decoderWidth: 128,
      decoderDepth: 2,
      decoderHeads: 4,
      ...common,
    },
    batch: 128,
    storedSize: 32,
  },
  vit_small_p16_224: { model: { width: 384, heads: 6, ...at224 }, batch: 16, storedSize: 256 },
  vit_base_p16_224: { model: { width: 768, heads: 12, ...at224 }, batch: 8, storedSize: 256 },
} as const satisfies Record<string, Configuration>;

/** Name of a configuration. */
export type ConfigurationName = keyof typeof CONFIGURATIONS;
