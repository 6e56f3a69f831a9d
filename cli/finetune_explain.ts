/** What `ccmim finetune --print-config` says. */
import type { InferValue } from "@optique/core/parser";
import { explainFinetune, FINETUNE_RECIPES, type FinetuneRecipeName } from "../lib/finetune/mod.ts";
import { ConfigError } from "../lib/recipes/mod.ts";
import { checkpointRequest } from "./checkpoint_options.ts";
import type { finetuneOptions } from "./finetune_options.ts";
import type { Explanation } from "./print_config.ts";

/**
 * The run that `given` ask for.
 *
 * @throws {ConfigError} if they ask for no training.
 */
export function explainFinetuning(
  given: InferValue<typeof finetuneOptions> | object,
): Explanation {
  if (!("data" in given && "out" in given && "resume" in given)) {
    throw new ConfigError("Cannot print a configuration: nothing is trained");
  }
  const { checkpoint, data, checkpointEvery: _, dryRun: __, ...options } = given;
  const { checkpointEvery } = checkpointRequest(given);
  const settings = explainFinetune({ checkpoint, data, options: { ...options, checkpointEvery } });
  const name = settings.find(({ option }) => option === "recipe")!.value as FinetuneRecipeName;
  return { about: [`Recipe ${name}: ${FINETUNE_RECIPES[name].summary}`], settings };
}
