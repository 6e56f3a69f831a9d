/** Augmentation inside the graph: crops, flips, normalisation. @module */
export { resamplingMatrix } from "./bicubic.ts";
export { crop } from "./crop.ts";
export { denormalise, IMAGENET_DEVIATION, IMAGENET_MEAN, normalise } from "./normalise.ts";
