import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/mod.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "./_pictures.ts";
import { writePacked } from "./packed.ts";

const images = Array.from({ length: 4 }, () => ({ width: 8, height: 8 }));

Deno.test("a shard that changes after the dataset was opened is named", async () => {
  await inFolder(async (folder) => {
    writePacked(folder, { size: 4, images, perShard: 2 });
    using dataset = openDataset(folder);
    const split = dataset.split("train");
    const record = new Uint8Array(split.recordBytes);
    split.read(0, record);
    Deno.truncateSync(`${folder}/train-0.bin`, 100);
    assert.equal(
      await thrown(() => split.read(1, record)),
      "DataError: Cannot read sample 1: train-0.bin ends too early",
    );
    Deno.truncateSync(`${folder}/train-1.bin`, 100);
    assert.equal(
      await thrown(() => split.read(2, record)),
      `DataError: Cannot read ${folder}/train-1.bin: it has 100 bytes, and had 160 when the dataset was opened`,
    );
    Deno.removeSync(`${folder}/train-1.bin`);
    assert.equal(
      await thrown(() => split.read(3, record)),
      `DataError: Cannot read ${folder}/train-1.bin: it was there when the dataset was opened`,
    );
  });
});
