/** Vision Transformers: sizes, patches, encoder, MAE decoder. @module */
export { decodeAll, decodeMasked, type DecoderConfig, decoderParameters } from "./decoder.ts";
export {
  clsAttentionSum,
  clsRow,
  embed,
  encode,
  encodeCls,
  type EncoderConfig,
  encoderParameters,
  patchCount,
  positionParameter,
} from "./encoder.ts";
export { interpolatePositions } from "./interpolate.ts";
export { embedPatches, patchEmbeddingParameters, patchify } from "./patches.ts";
export { type Size, type SizeName, SIZES } from "./sizes.ts";
