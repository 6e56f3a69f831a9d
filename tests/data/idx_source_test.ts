import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { openSources } from "../../lib/data/open_source.ts";
import { inFolder } from "../_folder.ts";
import { thrown, writeTree } from "./_pictures.ts";
import { entriesOf, joined, listed, noise, uint32 } from "./_sources.ts";

/** `count` grey images of 2 x 3 pixels, and their labels. */
const images = (count: number) => joined(uint32(0x803, count, 2, 3), noise(5, count * 6));
const labels = (...values: number[]) =>
  joined(uint32(0x801, values.length), Uint8Array.from(values));

Deno.test("IDX files give grey images as RGB, with the labels beside them, gzipped or not", async () => {
  await inFolder(async (folder) => {
    writeTree(folder, {
      "train-images-idx3-ubyte.gz": gzipSync(images(3)),
      "train-labels-idx1-ubyte.gz": gzipSync(labels(7, 0, 7)),
      "t10k-images-idx3-ubyte": images(2),
      "t10k-labels-idx1-ubyte.gz": gzipSync(labels(9, 1)),
    });
    const train = await entriesOf(`${folder}/train-images-idx3-ubyte.gz`);
    assert.deepEqual(
      await listed(`${folder}/train-images-idx3-ubyte.gz`),
      ["000000 train/7", "000001 train/0", "000002 train/7"],
    );
    const grey = noise(5, 18).subarray(6, 12);
    assert.deepEqual(
      train[1]!.bytes,
      Uint8Array.from({ length: 18 }, (_, i) => grey[Math.floor(i / 3)]!),
    );
    const sources = await openSources([folder]);
    assert.deepEqual(sources.map(({ name }) => name), [
      "t10k-images-idx3-ubyte",
      "train-images-idx3-ubyte",
    ]);
    assert.deepEqual(await listed(sources[0]!), ["000000 test/9", "000001 test/1"]);
  });
});

Deno.test("IDX files without labels are unlabelled, with a warning; of four axes they are RGB", async () => {
  await inFolder(async (folder) => {
    const pixels = noise(6, 12);
    writeTree(folder, { "x.idx": joined(uint32(0x804, 1, 2, 2, 3), pixels) });
    const [warning, image] = await entriesOf(`${folder}/x.idx`);
    assert.equal(warning!.kind, "warning");
    assert.deepEqual(image!.bytes, pixels);
    assert.deepEqual(await listed(`${folder}/x.idx`), ["000000 train/-"]);
  });
});

Deno.test("IDX files that do not fit are refused", async () => {
  const cases: [Record<string, Uint8Array>, RegExp][] = [
    [{ "i": images(3).subarray(0, 30) }, /i: it ends within a record of 6 bytes$/],
    [{ "i": images(3).subarray(0, 28) }, /i: it ends after 2 of 3 images$/],
    [{ "i": joined(images(3), new Uint8Array(6)) }, /i: it holds more than it says$/],
    [{ "i": joined(uint32(0x803, 1, 0, 3)) }, /as images: it holds images of 0 x 3 x 1$/],
    [
      { "i": joined(uint32(0x803, 1, 65536, 65536)) },
      /as images: it holds images of 65536 x 65536 x 1$/,
    ],
    [{ "i": labels(1, 2) }, /as images: it is an IDX file of 1 axes, not 3 or 4$/],
    [
      { "images": images(2), "labels": labels(1) },
      /labels as labels: it is no IDX file of 2 labels$/,
    ],
    [
      { "images": images(2), "labels": labels(1, 2).subarray(0, 9) },
      /labels as labels: it does not hold the 2 that it says$/,
    ],
  ];
  for (const [files, message] of cases) {
    await inFolder(async (folder) => {
      writeTree(folder, files);
      const error = await thrown(() => entriesOf(`${folder}/${Object.keys(files)[0]}`));
      assert.match(error, /^DataError: Cannot read /);
      assert.match(error, message);
    });
  }
});
