import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { inFolder } from "../_folder.ts";
import { tarOf, thrown, writeTree } from "./_pictures.ts";
import { bytesOf, entriesOf, joined, listed, noise } from "./_sources.ts";

/** A record of CIFAR-10: label and planes. */
const ten = (label: number, seed: number) => joined(Uint8Array.of(label), noise(seed, 3072));
/** A record of CIFAR-100: coarse label, fine label, planes. */
const hundred = (coarse: number, fine: number) =>
  joined(Uint8Array.of(coarse, fine), noise(fine, 3072));

const CIFAR10 = {
  "cifar-10-batches-bin/data_batch_1.bin": joined(ten(1, 1), ten(0, 2)),
  "cifar-10-batches-bin/batches.meta.txt": bytesOf("airplane\nautomobile\n\n"),
  "cifar-10-batches-bin/data_batch_2.bin": ten(1, 3),
  "cifar-10-batches-bin/readme.html": bytesOf("<html>"),
  "cifar-10-batches-bin/test_batch.bin": ten(0, 4),
};

Deno.test("CIFAR-10's archive gives its records, names and splits", async () => {
  await inFolder(async (folder) => {
    const tar = await tarOf(CIFAR10);
    Deno.writeFileSync(`${folder}/cifar-10-binary.tar.gz`, gzipSync(tar));
    Deno.writeFileSync(`${folder}/cifar.tar`, tar);
    writeTree(`${folder}/unpacked`, CIFAR10);
    const expected = [
      "data_batch_1/00000 train/automobile",
      "data_batch_1/00001 train/airplane",
      "data_batch_2/00000 train/automobile",
      "test_batch/00000 test/airplane",
    ];
    for (const name of ["cifar-10-binary.tar.gz", "cifar.tar", "unpacked/cifar-10-batches-bin"]) {
      assert.deepEqual((await listed(`${folder}/${name}`)).sort(), expected, name);
    }
    const files = (await entriesOf(`${folder}/cifar.tar`)).filter(({ kind }) => kind === "file");
    const planes = noise(3, 3072);
    const pixels = Uint8Array.from(
      { length: 3072 },
      (_, i) => planes[(i % 3) * 1024 + Math.floor(i / 3)]!,
    );
    assert.deepEqual(files[2]!.bytes, pixels);
  });
});

Deno.test("CIFAR-100's archive gives its fine labels", async () => {
  await inFolder(async (folder) => {
    Deno.writeFileSync(
      `${folder}/x.tar`,
      await tarOf({
        "cifar-100-binary/coarse_label_names.txt": bytesOf("fish\nflowers\n"),
        "cifar-100-binary/fine_label_names.txt": bytesOf("cod\nbass\nrose\n"),
        "cifar-100-binary/train.bin": joined(hundred(1, 2), hundred(0, 0)),
        "cifar-100-binary/test.bin": hundred(0, 9),
      }),
    );
    assert.deepEqual(await listed(`${folder}/x.tar`), [
      "train/00000 train/rose",
      "train/00001 train/cod",
      "test/00000 !label 9 of 3 classes",
    ]);
  });
});

Deno.test("a batch of CIFAR that is cut short is named", async () => {
  await inFolder(async (folder) => {
    const batch = ten(1, 1).subarray(0, 3000);
    writeTree(`${folder}/cifar`, { "data_batch_1.bin": batch });
    assert.equal(
      await thrown(() => listed(`${folder}/cifar`)),
      "DataError: Cannot read data_batch_1.bin: it ends within a record of 3073 bytes",
    );
  });
});
