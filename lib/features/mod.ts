/** Features: an encoder without gradient over many images. @module */
export {
  checkKind,
  type EncoderOrigin,
  type EncoderWeights,
  loadEncoder,
  RANDOM,
  randomEncoder,
} from "./encoder_weights.ts";
export { type ExtractorOptions, FeatureExtractor, type FeatureSink } from "./extractor.ts";
export { type FeatureGraph, featureGraph, type FeatureGraphOptions } from "./graph.ts";
export {
  FEATURE_LAYERS,
  type FeatureKind,
  type FeatureLayers,
  type Pool,
  POOLS,
  showKind,
} from "./kind.ts";
export { featureParameters, features, featureWidth } from "./model.ts";
