/** Named recipes, and options resolved into a configuration. @module */
export { checkWidth } from "./check.ts";
export { type Computing, resolveComputing } from "./computing.ts";
export * from "./config.ts";
export { isDeviceName, parseDeviceOption, resolveDevice } from "./device.ts";
export { parseBatchOption, resolveStep } from "./batch.ts";
export { type ConfigEntry, type JsonValue, readConfigFile } from "./config_file.ts";
export { awaitsBatch, explainPretrain, type Setting, type SettingSource } from "./explain.ts";
export { type Duration, durationSteps, parseDuration, showDuration } from "./duration.ts";
export { parseNumbers } from "./numbers.ts";
export { resolvePrecision } from "./precision.ts";
export {
  checkRange,
  checkRanges,
  COUNT,
  flagOf,
  NOT_NEGATIVE,
  type NumberOption,
  POSITIVE,
  type Range,
  SEED,
  SHARE,
  THREADS,
  TRAINING_RANGES,
} from "./ranges.ts";
export type { Claim, Recipe, RecipeGuide } from "./recipe.ts";
export { findRecipe, FORMER_NAMES, RECIPE_NAMES, type RecipeName, RECIPES } from "./recipes.ts";
export { type DatasetFacts, resolvePretrain } from "./resolve.ts";
export { resumePretrain } from "./resume.ts";
export { parsePretrainConfig } from "./saved_config.ts";
export { resolveSchedule, type ScheduleFacts, type ScheduleOptions } from "./schedule.ts";
