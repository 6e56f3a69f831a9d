/** What `ccmim probe --print-config` says. */
import type { InferValue } from "@optique/core/parser";
import { explainProbe } from "../lib/probe/mod.ts";
import { ConfigError } from "../lib/recipes/mod.ts";
import { checkpointRequest } from "./checkpoint_options.ts";
import type { Explanation } from "./print_config.ts";
import type { probeOptions } from "./probe_options.ts";

/**
 * The probe that `given` ask for.
 *
 * @throws {ConfigError} if they ask for none.
 */
export function explainProbing(given: InferValue<typeof probeOptions> | object): Explanation {
  if (!("data" in given)) throw new ConfigError("Cannot print a configuration: nothing is probed");
  const { checkpoint, data, seed, checkpointEvery: _, ...options } = given;
  const { checkpointEvery } = checkpointRequest(given);
  const seeds = options.seeds ?? (seed === undefined ? seed : [seed]);
  const settings = explainProbe({
    checkpoint,
    data,
    options: { ...options, checkpointEvery, seeds },
  });
  const value = (name: string) => settings.find(({ option }) => option === name)?.value;
  const how = value("cache") ? "linear probe on cached features" : `probe of kind ${value("kind")}`;
  return {
    about: [`${how}, judged by ${value("split")}`],
    // One seed has an option of its own, which is listed as it was given
    settings: seed === undefined ? settings : settings.filter(({ option }) => option !== "seeds"),
  };
}
