import { deepEqual, equal, throws } from "node:assert/strict";
import { openDataset } from "../../lib/data/dataset.ts";
import { openLibjpegTurbo } from "../../lib/data/libjpeg_turbo.ts";
import { openLoader } from "../../lib/data/loader.ts";
import { placeImage } from "../../lib/data/place.ts";
import { inFolder } from "../_folder.ts";
import { CROPS, stored, writePacked } from "./packed.ts";

const SIZE = 16, QUALITY = 90;
/** Of all sizes, the smallest of which the codec pads. */
const images = Array.from({ length: 11 }, (_, i) => ({ width: 1 + 2 * i, height: 33 - 3 * i }));
images.push({ width: 1, height: 1 });
const packed = { size: SIZE, images, perShard: 5, enlarged: false, quality: QUALITY };

/** What a record must be: its image encoded, decoded and put in place. */
function expected(i: number): Uint8Array {
  const turbo = openLibjpegTurbo();
  const { width, height } = images[i]!;
  const part = { width: Math.min(SIZE, width), height: Math.min(SIZE, height) };
  const jpeg = turbo.encode(stored(i, SIZE, part), { ...part, quality: QUALITY });
  const record = new Uint8Array(SIZE * SIZE * 3);
  placeImage(turbo.decode(jpeg).pixels, part, { record, size: SIZE });
  return record;
}

Deno.test("a split decodes records that are kept as JPEGs, across shards, in any order", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    using dataset = openDataset(folder);
    dataset.verify();
    const split = dataset.split("train");
    const record = new Uint8Array(split.recordBytes);
    for (const i of [11, 0, 5, 4, 10, 9, 1, 6]) {
      split.read(i, record);
      deepEqual(record, expected(i), `${i}`);
      deepEqual(split.storedSize(i), {
        width: Math.min(SIZE, images[i]!.width),
        height: Math.min(SIZE, images[i]!.height),
      });
    }
    throws(
      () => split.read(0, new Uint8Array(3)),
      /^RangeError: Cannot read a record into 3 bytes/,
    );
  });
});

Deno.test("a split names a JPEG that is damaged, and goes on with the next", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    const file = `${folder}/train-1.bin`;
    const bytes = Deno.readFileSync(file);
    bytes[bytes.length - 5]! ^= 1; // of sample 9, whose pixels might not even change
    Deno.writeFileSync(file, bytes);
    using dataset = openDataset(folder);
    const split = dataset.split("train");
    const record = new Uint8Array(split.recordBytes);
    throws(() => split.read(9, record), {
      name: "DataError",
      message:
        "Cannot read sample 9: its bytes in train-1.bin are damaged; copy or prepare the dataset again",
    });
    split.read(10, record);
    deepEqual(record, expected(10));
  });
});

Deno.test("openDataset() refuses JPEGs whose index does not fit the shards or the manifest", async () => {
  const cases: [RegExp, (folder: string) => void][] = [
    [/train-0.bin: \d+ bytes do not hold 5 records$/, (folder) => {
      const file = `${folder}/train-index.bin`;
      const bytes = Deno.readFileSync(file);
      bytes[64 + 4 * (4 * images.length + 2)]! ^= 64; // the end of sample 2
      bytes[64 + 4 * (4 * images.length + 2) + 3]! = 1;
      Deno.writeFileSync(file, bytes);
    }],
    [/train-index.bin: it is not that of records that are kept raw$/, (folder) => {
      const file = `${folder}/manifest.json`;
      const { store: _, ...manifest } = JSON.parse(Deno.readTextFileSync(file));
      Deno.writeTextFileSync(file, JSON.stringify(manifest));
    }],
    [/train-0.bin: store is 0 in its header, the manifest makes it 1$/, (folder) => {
      const bytes = Deno.readFileSync(`${folder}/train-0.bin`);
      bytes[44] = 0;
      Deno.writeFileSync(`${folder}/train-0.bin`, bytes);
    }],
  ];
  for (const [message, change] of cases) {
    await inFolder((folder) => {
      writePacked(folder, packed);
      change(folder);
      throws(() => openDataset(folder), { name: "DataError", message });
    });
  }
});

Deno.test("openLoader() yields decoded records with any number of workers, and their damage", async () => {
  await inFolder(async (folder) => {
    writePacked(folder, packed);
    const options = { dataset: folder, split: "train", batch: 4, seed: 1, tokens: 2 } as const;
    for (const workers of [1, 3]) {
      using loader = await openLoader({ ...options, crop: CROPS, workers });
      for (let n = 0; n < 6; n++) {
        const batch = loader.next();
        const { views } = loader.slots[batch.slot]!;
        views.samples.forEach((sample, b) => {
          const bytes = SIZE * SIZE * 3;
          deepEqual([...views.images.slice(b * bytes, (b + 1) * bytes)], [...expected(sample)]);
        });
        loader.release(batch);
      }
    }
    const bytes = Deno.readFileSync(`${folder}/train-0.bin`);
    bytes[70]! ^= 1;
    Deno.writeFileSync(`${folder}/train-0.bin`, bytes);
    using loader = await openLoader({ ...options, crop: null, shuffle: false });
    throws(() => loader.next(), /^DataError: Cannot read sample 0: its bytes in train-0.bin/);
    equal(loader.microBatchesPerEpoch, 3);
  });
});
