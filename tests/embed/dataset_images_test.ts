import assert from "node:assert/strict";
import type { ImageBatch, Size } from "../../lib/data/mod.ts";
import { countImages, datasetImages } from "../../lib/embed/dataset_images.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "../data/_pictures.ts";
import { record, writePacked } from "../data/packed.ts";

/** All images of a dataset of records of 16 pixels a side. */
async function read(
  images: readonly Size[],
  { size, batch }: { readonly size: number; readonly batch: number },
): Promise<ImageBatch[]> {
  let batches: ImageBatch[] = [];
  await inFolder(async (folder) => {
    writePacked(folder, { size: 16, images });
    assert.equal(countImages(folder), images.length);
    using environment = Environment.open();
    const session = { threads: 1 };
    batches = await Array.fromAsync(datasetImages(folder, { size, batch, environment, session }));
    assert.match(
      await thrown(() => countImages(folder, "test")),
      /^DataError: Cannot use split "test"/,
    );
  });
  return batches;
}

const SQUARE: Size = { width: 16, height: 16 };

Deno.test("datasetImages() gives records of the model's size as they are, each once", async () => {
  const batches = await read(Array.from({ length: 5 }, () => SQUARE), { size: 16, batch: 2 });
  assert.deepEqual(batches.map(({ names }) => names), [
    ["a/0.jpg", "a/1.jpg"],
    ["a/2.jpg", "a/3.jpg"],
    ["a/4.jpg"],
  ]);
  const pixels = batches.flatMap(({ pixels }) => [...pixels]);
  assert.deepEqual(pixels, Array.from({ length: 5 }, (_, i) => [...record(i, 16)]).flat());
});

Deno.test("datasetImages() cuts what evaluation looks at out of larger records", async () => {
  // 14 of 16 pixels is the share that evaluation shows: the middle, pixel by pixel
  const [batch] = await read([SQUARE, SQUARE, SQUARE], { size: 14, batch: 8 });
  assert.equal(batch!.names.length, 3);
  for (let i = 0; i < 3; i++) {
    const whole = record(i, 16);
    const middle = Uint8Array.from({ length: 14 * 14 * 3 }, (_, k) => {
      const [row, column, c] = [Math.floor(k / 42), Math.floor(k / 3) % 14, k % 3];
      return whole[((row + 1) * 16 + column + 1) * 3 + c]!;
    });
    assert.deepEqual(batch!.pixels.subarray(i * 588, (i + 1) * 588), middle);
  }
});
