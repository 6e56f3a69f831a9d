/** Named recipes, and options resolved into a configuration. @module */
export { flagOf } from "./check.ts";
export * from "./config.ts";
export { parseDeviceOption } from "./device.ts";
export { parseBatchOption } from "./batch.ts";
export { type Duration, durationSteps, parseDuration, showDuration } from "./duration.ts";
export type { Recipe } from "./recipe.ts";
export { RECIPE_NAMES, type RecipeName, RECIPES } from "./recipes.ts";
export { type DatasetFacts, resolvePretrain } from "./resolve.ts";
export { resumePretrain } from "./resume.ts";
export { parsePretrainConfig } from "./saved_config.ts";
