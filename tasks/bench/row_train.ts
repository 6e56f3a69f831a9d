/** Rows of whole training steps: rate, peak memory, and what opening a session takes. */
import type { BenchRequest, Case } from "./cases.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import { measuredHere } from "./process.ts";
import type { StepFigures } from "./step.ts";
import { torchPeer } from "./torch.ts";

/** A case a configuration and method. */
export function trainCases(request: BenchRequest): Case[] {
  const { seconds, threads } = request;
  return request.configs.flatMap((config) =>
    request.methods.map((method): Case => {
      const { batch } = CONFIGURATIONS[config as ConfigurationName];
      return {
        name: `${config} ${method}, batch ${batch}`,
        figures: [
          { row: "train", key: "img_s", label: "rate", unit: "images/s" },
          { row: "memory", key: "peak_rss_mib", label: "peak of training", unit: "MiB" },
          { row: "session", key: "create_s", label: "opening", unit: "s" },
          { row: "session", key: "first_step_s", label: "first step after it", unit: "s" },
        ],
        measure: async () => {
          const flags = { config, method, seconds, threads };
          const figures = await measuredHere<StepFigures>("step.ts", flags);
          const { img_s, peak_rss_mib, create_s, first_step_s, cpu_per_wall } = figures;
          return { img_s, peak_rss_mib, create_s, first_step_s, cpu_per_wall };
        },
        ...torchPeer(request, { task: "train", config, batch, method }),
      };
    })
  );
}
