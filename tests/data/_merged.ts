/** Sources of any kind that are prepared, in a temporary folder. */
import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/dataset.ts";
import { prepare } from "../../lib/data/prepare.ts";
import type { PrepareOptions, PrepareResult } from "../../lib/data/prepare_options.ts";
import { inFolder } from "../_folder.ts";
import { type Files, thrown, writeTree } from "./_pictures.ts";

/** What makes most tests fast. */
export const QUICK: PrepareOptions = { workers: 1, decoder: "sharp", size: 8 };

/** Prepares `sources` of `files`; all samples as "split path class", and the result. */
export async function prepared(
  files: Files,
  sources: readonly string[],
  options: PrepareOptions = {},
): Promise<{
  readonly samples: string[];
  readonly classes: readonly string[];
  readonly records: Map<string, Uint8Array>;
  readonly result: PrepareResult;
}> {
  let answer;
  await inFolder(async (folder) => {
    writeTree(folder, files);
    const paths = sources.map((path) => path.startsWith("/") ? path : `${folder}/${path}`);
    const result = await prepare(paths, `${folder}/packed`, { ...QUICK, ...options });
    using dataset = openDataset(`${folder}/packed`);
    dataset.verify();
    const { classes } = dataset.manifest;
    const [samples, records]: [string[], Map<string, Uint8Array>] = [[], new Map()];
    for (const split of dataset.splits.map((name) => dataset.split(name))) {
      for (let i = 0; i < split.count; i++) {
        const record = new Uint8Array(split.recordBytes);
        split.read(i, record);
        records.set(split.path(i), record);
        samples.push(`${split.name} ${split.path(i)} ${classes[split.label(i)] ?? "-"}`);
      }
    }
    answer = { samples, classes, records, result };
  });
  return answer!;
}

/** The error of preparing, and that nothing is left of it. */
export async function failed(
  files: Files,
  sources: readonly string[],
  options: PrepareOptions = {},
): Promise<string> {
  let message = "";
  await inFolder(async (folder) => {
    writeTree(folder, files);
    const before = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const paths = sources.map((path) => `${folder}/${path}`);
    message = await thrown(() => prepare(paths, `${folder}/packed`, { ...QUICK, ...options }));
    message = message.replaceAll(`${folder}/`, "");
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), before);
  });
  return message;
}
