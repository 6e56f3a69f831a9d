/** What `ccmim pretrain --print-config` says. */
import type { InferValue } from "@optique/core/parser";
import { openDataset } from "../lib/data/mod.ts";
import {
  type Claim,
  ConfigError,
  type DatasetFacts,
  explainPretrain,
  type RecipeName,
  RECIPES,
} from "../lib/recipes/mod.ts";
import { checkpointRequest } from "./checkpoint_options.ts";
import type { pretrainOptions } from "./pretrain_options.ts";
import type { Explanation } from "./print_config.ts";

/**
 * The run that `given` ask for.
 *
 * @throws {ConfigError} if they ask for no training.
 */
export function explainRun(given: InferValue<typeof pretrainOptions> | object): Explanation {
  if (!("data" in given)) throw new ConfigError("Cannot print a configuration: nothing is trained");
  const { checkpointEvery: _, ...others } = given;
  const { checkpointEvery } = checkpointRequest(given);
  const settings = explainPretrain({ ...others, checkpointEvery }, factsOf(given.data));
  const recipe = settings.find(({ option }) => option === "recipe")!.value as RecipeName;
  return { about: aboutRecipe(recipe), settings };
}

/** What a configuration depends on in a dataset. @throws {DataError} if it cannot be read. */
function factsOf(data: string): DatasetFacts {
  using dataset = openDataset(data);
  const { size, splits } = dataset.manifest;
  return { imageSize: size, trainCount: splits.train?.count ?? 0 };
}

/** What a recipe's guide says. */
function aboutRecipe(name: RecipeName): string[] {
  const { summary, guide } = RECIPES[name];
  const claim = ({ text, source }: Claim) => source === "unknown" ? text : `${text} (${source})`;
  return [
    `Recipe ${name}: ${summary}`,
    `Hardware: ${guide.hardware}`,
    `Time: ${claim(guide.time)}`,
    `Expect: ${claim(guide.expect)}`,
  ];
}
