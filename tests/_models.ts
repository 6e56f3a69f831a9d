/** Models that train in milliseconds. */
import type { PretrainingConfig } from "../lib/ccmim/mod.ts";
import type { EncoderConfig } from "../lib/vit/mod.ts";

/** Images of 8 x 8 in 16 patches. */
export const MICRO_ENCODER: EncoderConfig = {
  imageSize: 8,
  patch: 2,
  width: 16,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
};

/** ccMIM with this encoder. */
export const MICRO: PretrainingConfig = {
  model: {
    ...MICRO_ENCODER,
    decoderWidth: 16,
    decoderDepth: 1,
    decoderHeads: 2,
    projectorWidth: 8,
  },
  masking: { ratio: 0.75, sampling: "importance", scoreTemperature: 1 },
  align: { weight: 0.1, temperature: 0.5, gradient: "target" },
  normPixLoss: true,
};

/** MAE as a special case of it. */
export const MICRO_MAE: PretrainingConfig = {
  ...MICRO,
  masking: { ...MICRO.masking, sampling: "random" },
  align: { ...MICRO.align, weight: 0 },
};
