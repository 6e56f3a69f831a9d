/** Features and labels of any images, by a checkpoint or an exported model. @module */
export { embed, type EmbedOptions, type EmbedResult } from "./embed.ts";
export { type Pool, POOLS } from "./embedder.ts";
export type { Prediction } from "./prediction.ts";
