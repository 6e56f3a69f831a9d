import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/dataset.ts";
import { inFolder } from "../_folder.ts";
import { record, writePacked } from "./packed.ts";

const images = Array.from({ length: 10 }, (_, i) => ({ width: 3 + i, height: 40 }));
const packed = { size: 8, images, perShard: 4, enlarged: false };

/** Opens a dataset of three shards after `change` was done to its folder. */
async function openChanged(change: (folder: string) => void): Promise<string> {
  let message = "";
  await inFolder((folder) => {
    writePacked(folder, packed);
    change(folder);
    try {
      openDataset(folder).close();
    } catch (error) {
      message = String(error).replaceAll(folder, "FOLDER");
    }
  });
  return message;
}

/** Changes a file's bytes. */
function patch(file: string, change: (bytes: Uint8Array) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(file);
  Deno.writeFileSync(file, change(bytes) ?? bytes);
}

/** Changes the manifest. */
function patchManifest(folder: string, find: string | RegExp, by: string): void {
  const file = `${folder}/manifest.json`;
  const text = Deno.readTextFileSync(file);
  assert.ok(text.search(find) >= 0);
  Deno.writeTextFileSync(file, text.replace(find, by));
}

Deno.test("openDataset() gives every record, label, size and path, across shards", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    using dataset = openDataset(folder);
    dataset.verify();
    assert.deepEqual(dataset.splits, ["train"]);
    const split = dataset.split("train");
    assert.deepEqual([split.count, split.recordBytes], [10, 192]);
    const target = new Uint8Array(192);
    for (const i of [9, 0, 3, 4, 8, 7, 1, 2, 5, 6]) {
      split.read(i, target);
      assert.deepEqual(target, record(i, 8));
      assert.deepEqual(split.originalSize(i), images[i]);
      assert.deepEqual(split.storedSize(i), { width: Math.min(8, 3 + i), height: 8 });
      assert.deepEqual([split.label(i), split.path(i)], [0, `a/${i}.jpg`]);
    }
  });
});

Deno.test("openDataset() reads version 1, which knew neither JPEGs nor appending", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    for (const name of ["train-0.bin", "train-1.bin", "train-2.bin", "train-index.bin"]) {
      patch(`${folder}/${name}`, (bytes) => {
        bytes[8] = 1;
        if (name === "train-index.bin") bytes[32] = 0;
      });
    }
    const file = `${folder}/manifest.json`;
    const { store: _, fit: __, appended: ___, ...manifest } = JSON.parse(
      Deno.readTextFileSync(file),
    );
    Deno.writeTextFileSync(file, JSON.stringify({ ...manifest, version: 1 }));
    using dataset = openDataset(folder);
    assert.deepEqual(dataset.manifest.store, { kind: "raw" });
    const target = new Uint8Array(192);
    dataset.split("train").read(9, target);
    assert.deepEqual(target, record(9, 8));
  });
});

Deno.test("a split refuses samples it does not have and targets of another length", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    using dataset = openDataset(folder);
    const split = dataset.split("train");
    for (const i of [-1, 10, 0.5]) {
      const message = `Cannot use ${i} as a sample of train: it has 10`;
      assert.throws(() => split.label(i), { name: "RangeError", message });
    }
    const message = "Cannot read a record into 5 bytes: it has 192";
    assert.throws(() => split.read(0, new Uint8Array(5)), { name: "RangeError", message });
    assert.throws(() => dataset.split("val"), {
      name: "DataError",
      message: `Cannot use split "val" of ${folder}: it has train`,
    });
  });
});

Deno.test("openDataset() refuses a folder that is not a whole dataset", async () => {
  const cases: [string, (folder: string) => void, RegExp][] = [
    [
      "no manifest",
      (folder) => Deno.removeSync(`${folder}/manifest.json`),
      /^DataError: Cannot open FOLDER as a packed dataset: FOLDER\/manifest.json is missing$/,
    ],
    [
      "a missing shard",
      (folder) => Deno.removeSync(`${folder}/train-1.bin`),
      /^DataError: Cannot open FOLDER: FOLDER\/train-1.bin is missing$/,
    ],
    [
      "a truncated shard",
      (folder) => Deno.truncateSync(`${folder}/train-1.bin`, 500),
      /train-1.bin: it has 500 bytes, the manifest says 832; copy or prepare it again$/,
    ],
    [
      "a truncated index",
      (folder) => Deno.truncateSync(`${folder}/train-index.bin`, 100),
      /train-index.bin: it has 100 bytes, the manifest says \d+/,
    ],
    [
      "a wrong magic",
      (folder) => patch(`${folder}/train-0.bin`, (bytes) => void (bytes[0] = 0x58)),
      /train-0.bin as a dataset's shard: it does not start with CCMIMSHD$/,
    ],
    [
      "a newer shard",
      (folder) => patch(`${folder}/train-0.bin`, (bytes) => void (bytes[8] = 3)),
      /train-0.bin: its format version 3 is newer than 2/,
    ],
    [
      "a shard of another place",
      (folder) => Deno.copyFileSync(`${folder}/train-0.bin`, `${folder}/train-1.bin`),
      /train-1.bin: first is 0 in its header, the manifest makes it 4$/,
    ],
    [
      "a newer manifest, whatever else it says",
      (folder) => patchManifest(folder, `"version": 2`, `"version": 7, "more": 1`),
      /manifest.json: its format version 7 is newer than 2/,
    ],
    [
      "another JSON file",
      (folder) => Deno.writeTextFileSync(`${folder}/manifest.json`, "{}"),
      /manifest.json: format: Invalid key: Expected "format" but received undefined$/,
    ],
    [
      "a damaged manifest",
      (folder) => patchManifest(folder, "{", ""),
      /manifest.json: it is not JSON$/,
    ],
    [
      "a manifest that names a file elsewhere",
      (folder) => patchManifest(folder, "train-0.bin", "../train-0.bin"),
      /manifest.json: splits.train.shards.0.file: Expected a plain file name$/,
    ],
    [
      "a manifest with another size",
      (folder) => patchManifest(folder, `"size": 8`, `"size": 9`),
      /manifest.json: a record of size 9 does not have 192 bytes$/,
    ],
    [
      "a manifest with more samples",
      (folder) => patchManifest(folder, `"count": 10`, `"count": 11`),
      /train-index.bin: it has 10 samples, the manifest says 11$/,
    ],
  ];
  for (const [name, change, message] of cases) {
    assert.match(await openChanged(change), message, name);
  }
});

Deno.test("verify() finds a byte that changed, which opening does not look at", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    patch(`${folder}/train-2.bin`, (bytes) => void (bytes[100]! ^= 1));
    using dataset = openDataset(folder);
    assert.throws(() => dataset.verify(), {
      name: "DataError",
      message: /the checksum of train-2.bin is not the manifest's/,
    });
  });
});
