/** Rows of what each rewrite gives: training with all of them beside training without that one. */
import { REWRITE_NAMES } from "../../lib/graph/mod.ts";
import type { BenchRequest, Case, Figures } from "./cases.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import { measuredHere } from "./process.ts";
import type { StepFigures } from "./step.ts";

/** A case a rewrite, configuration and method. */
export function rewriteCases({ configs, methods, seconds, threads }: BenchRequest): Case[] {
  return configs.flatMap((config) =>
    methods.flatMap((method) => {
      const { batch } = CONFIGURATIONS[config as ConfigurationName];
      const measure = async (without = ""): Promise<Figures> => {
        const flags = { config, method, seconds, threads, without };
        const { img_s } = await measuredHere<StepFigures>("step.ts", flags);
        return { img_s };
      };
      return REWRITE_NAMES.map((rewrite): Case => ({
        name: `${rewrite}, ${config} ${method}, batch ${batch}`,
        figures: [{ row: "rewrites", key: "img_s", label: "rate", unit: "images/s" }],
        measure: () => measure(),
        peer: { name: "without it", measure: () => measure(rewrite) },
      }));
    })
  );
}
