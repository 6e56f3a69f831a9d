/** Fine-tuning: an encoder and a linear head, trained on labelled images. @module */
export { type ClassifierConfig, classifierParameters, classify } from "./classifier.ts";
export { explainFinetune, type FinetuneExplained } from "./explain.ts";
export type { FinetuneConfig, Validation } from "./config.ts";
export { evaluateClassifier, type EvaluateRequest } from "./evaluate.ts";
export {
  finetune,
  FINETUNE_REPORT,
  type FinetuneEpoch,
  type FinetuneObserver,
  type FinetuneRequest,
  type FinetuneStart,
  tryFinetune,
} from "./finetune.ts";
export { FINETUNE_RUNS } from "./plan.ts";
export { CLASSIFIER, logitsGraph } from "./model.ts";
export type { FinetuneOptions } from "./options.ts";
export {
  FINETUNE_RECIPE_NAMES,
  FINETUNE_RECIPES,
  type FinetuneRecipe,
  type FinetuneRecipeName,
} from "./recipes.ts";
export type { ClassifierReport, EvaluationReport, FinetuneReport } from "./report.ts";
export { SCRATCH } from "./resolve.ts";
export type { StepOptions } from "./options.ts";
export type { FinetuneSizes } from "./options.ts";
