/** Rows of the loader alone. */
import { exists } from "../../lib/files/mod.ts";
import { writeRandomDataset } from "../check_cuda/dataset.ts";
import type { BenchRequest, Case } from "./cases.ts";
import type { LoaderFigures } from "./loader.ts";
import { measuredHere } from "./process.ts";

/** Datasets that fit into the page cache, in records of 32 and 256 pixels. */
const SETS = [{ size: 32, count: 16_384, batch: 128 }, {
  size: 256,
  count: 1024,
  batch: 16,
}] as const;

/** A case a size of records. Datasets are written into `folder`. */
export function loaderCases({ seconds }: BenchRequest, folder: string): Case[] {
  return SETS.map(({ size, count, batch }): Case => {
    const dataset = `${folder}/${size}`;
    return {
      name: `${size} px raw, 1 data worker`,
      figures: [{ row: "loader", key: "records_s", label: "rate", unit: "records/s" }],
      measure: async () => {
        if (!exists(dataset)) writeRandomDataset(dataset, { size, count });
        const { records_s } = await measuredHere<LoaderFigures>("loader.ts", {
          dataset,
          batch,
          seconds: Math.min(seconds, 4),
          workers: 1,
        });
        return { records_s };
      },
    };
  });
}
