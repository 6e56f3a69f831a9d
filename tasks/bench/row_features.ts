/** Rows of an encoder without gradient. */
import type { BenchRequest, Case } from "./cases.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import type { FeatureFigures } from "./features.ts";
import { measuredHere } from "./process.ts";
import { torchPeer } from "./torch.ts";

/** A case a configuration. */
export function featureCases(request: BenchRequest): Case[] {
  const { seconds, threads } = request;
  return request.configs.map((config): Case => {
    const { batch } = CONFIGURATIONS[config as ConfigurationName];
    return {
      name: `${config} encoder, batch ${batch}`,
      figures: [
        { row: "features", key: "img_s", label: "rate", unit: "images/s" },
        { row: "memory", key: "peak_rss_mib", label: "peak of features", unit: "MiB" },
      ],
      measure: async () => {
        const figures = await measuredHere<FeatureFigures>("features.ts", {
          config,
          seconds,
          threads,
        });
        const { img_s, peak_rss_mib, cpu_per_wall } = figures;
        return { img_s, peak_rss_mib, cpu_per_wall };
      },
      ...torchPeer(request, { task: "infer", config, batch }),
    };
  });
}
