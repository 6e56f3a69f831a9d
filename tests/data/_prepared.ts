/** Folders of pictures that are prepared, in a temporary folder. */
import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/dataset.ts";
import { prepare } from "../../lib/data/prepare.ts";
import type { PrepareOptions, PrepareResult } from "../../lib/data/prepare_options.ts";
import { inFolder } from "../_folder.ts";
import { type Files, pictures, thrown, writeTree } from "./_pictures.ts";

/** One thread and the portable decoder: what most tests need to be fast. */
export const QUICK: PrepareOptions = { workers: 1, decoder: "jpeg-js" };

/** Two classes in three splits, 30 images. */
export const TREE = pictures([
  ...Array.from({ length: 20 }, (_, i) => `train/${i % 2 ? "dog" : "cat"}/${i}.jpg`),
  ...Array.from({ length: 6 }, (_, i) => `val/${i % 2 ? "dog" : "cat"}/${i}.jpeg`),
  ...Array.from({ length: 4 }, (_, i) => `test/${i % 2 ? "dog" : "cat"}/${i}.JPG`),
]);

/** Prepares `files` from a folder, runs `check` on the dataset and what is beside it. */
export async function prepared(
  files: Files,
  options: PrepareOptions,
  check: (found: {
    readonly dataset: ReturnType<typeof openDataset>;
    readonly result: PrepareResult;
  }) => void | Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    writeTree(`${folder}/pictures`, files);
    const result = await prepare(`${folder}/pictures`, `${folder}/packed`, {
      ...QUICK,
      ...options,
    });
    using dataset = openDataset(`${folder}/packed`);
    dataset.verify();
    assert.equal(dataset.digest, result.digest);
    await check({ dataset, result });
  });
}

/** What preparing `files` fails with, once nothing is left beside the source. */
export async function failed(files: Files, options: PrepareOptions): Promise<string> {
  let message = "";
  await inFolder(async (folder) => {
    writeTree(`${folder}/pictures`, files);
    message = await thrown(() =>
      prepare(`${folder}/pictures`, `${folder}/packed`, { ...QUICK, ...options })
    );
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["pictures"]);
  });
  return message;
}

/** All bytes of a folder, by file. */
export function contents(folder: string): Record<string, string> {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(files.map((name) => {
    return [name, Deno.readFileSync(`${folder}/${name}`).toHex()];
  }));
}
