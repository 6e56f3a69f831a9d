/** Rows of the loader alone. */
import { exists } from "../../lib/files/mod.ts";
import { prepare } from "../../lib/data/mod.ts";
import { writeRandomDataset } from "../check_cuda/dataset.ts";
import type { BenchRequest, Case } from "./cases.ts";
import type { LoaderFigures } from "./loader.ts";
import { drawPictures, PICTURES } from "./pictures.ts";
import { measuredHere } from "./process.ts";

/** A dataset that fits into the page cache. */
interface LoaderSet {
  readonly name: string;
  readonly batch: number;
  readonly workers: number;
  write(target: string, folder: string): void | Promise<void>;
}

const raw = (size: number, count: number, batch: number): LoaderSet => ({
  name: `${size} px raw`,
  batch,
  workers: 1,
  write: (target) => writeRandomDataset(target, { size, count }),
});

/** Photographs kept as JPEGs, which data workers decode. */
const jpeg = (size: number, batch: number, workers: number): LoaderSet => ({
  name: `${size} px JPEG`,
  batch,
  workers,
  async write(target, folder) {
    const source = await drawPictures(folder, "photographs", PICTURES.photographs);
    await prepare(source, target, { size, store: "jpeg", contactSheet: false });
  },
});

/** A case a kind of records. Datasets are written into `folder`. */
export function loaderCases({ seconds, threads }: BenchRequest, folder: string): Case[] {
  const sets = [raw(32, 16_384, 128), raw(256, 1024, 16), jpeg(256, 16, threads)];
  return sets.map(({ name, batch, workers, write }): Case => {
    const dataset = `${folder}/loader ${name}`;
    return {
      name: `${name}, ${workers} data ${workers === 1 ? "worker" : "workers"}`,
      figures: [{ row: "loader", key: "records_s", label: "rate", unit: "records/s" }],
      measure: async () => {
        if (!exists(dataset)) await write(dataset, folder);
        const { records_s } = await measuredHere<LoaderFigures>("loader.ts", {
          dataset,
          batch,
          seconds: Math.min(seconds, 4),
          workers,
        });
        return { records_s };
      },
    };
  });
}
