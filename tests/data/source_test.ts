import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { openSources } from "../../lib/data/open_source.ts";
import { filesOf, type Source, splitOfName } from "../../lib/data/source.ts";
import { inFolder } from "../_folder.ts";
import { pictures, tarOf, thrown, writeTree } from "./_pictures.ts";

const files = pictures(["b/2.jpg", "a/1.jpg", ".hidden/3.jpg", "a/._1.jpg"]);

/** The one source at a path. */
async function openSource(path: string): Promise<Source> {
  const [source] = await openSources([path]);
  return source!;
}

/** Paths and bytes, in order. */
async function readAll(path: string): Promise<[string, Uint8Array][]> {
  const read: [string, Uint8Array][] = [];
  for await (const file of filesOf([await openSource(path)])) {
    const bytes = await file.read();
    assert.equal(bytes.length, file.size);
    read.push([file.path, bytes]);
  }
  return read;
}

Deno.test("a folder gives its files sorted, without hidden ones", async () => {
  await inFolder(async (folder) => {
    writeTree(folder, files);
    const expected = ["a/1.jpg", "b/2.jpg"].map((path) => [path, files[path]!]);
    assert.deepEqual(await readAll(folder), expected);
    for await (const file of filesOf([await openSource(folder)])) {
      assert.deepEqual(await file.read(5), files[file.path]!.slice(0, 5));
    }
  });
});

Deno.test("a folder's links are followed, and one that leads back ends", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/real`, files);
    Deno.mkdirSync(`${folder}/set`);
    Deno.symlinkSync(`${folder}/real/a`, `${folder}/set/x`);
    Deno.symlinkSync(`${folder}/set`, `${folder}/set/y`);
    Deno.symlinkSync(`${folder}/real/b/2.jpg`, `${folder}/set/z.jpg`);
    assert.deepEqual((await readAll(`${folder}/set`)).map(([path]) => path), ["x/1.jpg", "z.jpg"]);
  });
});

Deno.test("a tar gives its files in its own order, gzipped or not, in one piece or two", async () => {
  await inFolder(async (folder) => {
    const tar = await tarOf(
      Object.fromEntries(Object.entries(files).map(([p, b]) => [`./${p}`, b])),
    );
    const half = tar.length >> 1;
    const archives = {
      "plain.tar": tar,
      "whole.tar.gz": gzipSync(tar),
      "two.tgz": Buffer.concat([gzipSync(tar.slice(0, half)), gzipSync(tar.slice(half))]),
    };
    const expected = ["b/2.jpg", "a/1.jpg"].map((path) => [path, files[path]!]);
    for (const [name, bytes] of Object.entries(archives)) {
      Deno.writeFileSync(`${folder}/${name}`, bytes);
      assert.deepEqual(await readAll(`${folder}/${name}`), expected, name);
    }
  });
});

Deno.test("a tar can be left early, and files in it can be passed over", async () => {
  await inFolder(async (folder) => {
    Deno.writeFileSync(
      `${folder}/x.tar`,
      await tarOf(pictures(["1.jpg", "2.jpg", "3.jpg"], 99, 99)),
    );
    const source = await openSource(`${folder}/x.tar`);
    const seen: string[] = [];
    for await (const file of filesOf([source])) {
      seen.push(file.path);
      if (seen.length === 2) break;
    }
    for await (const file of filesOf([source])) seen.push(file.path);
    assert.deepEqual(seen, ["1.jpg", "2.jpg", "1.jpg", "2.jpg", "3.jpg"]);
  });
});

Deno.test("openSources() says what is wrong with what it cannot read", async () => {
  await inFolder(async (folder) => {
    const tar = await tarOf(files);
    const cases: [string, Uint8Array, RegExp][] = [
      [
        "no.txt",
        new TextEncoder().encode("hello"),
        /as images: it is no folder, tar, tar.gz, CSV, JSONL, Parquet or IDX file$/,
      ],
      [
        "empty.tar",
        new Uint8Array(),
        /as images: it is no folder, tar, tar.gz, CSV, JSONL, Parquet or IDX file$/,
      ],
      ["cut.tar", tar.slice(0, 700), /as a tar: it is cut short/],
      ["cut.tar.gz", gzipSync(tar).subarray(0, 400), /as a tar: unexpected end of file$/],
      ["text.gz", gzipSync("hello".repeat(500)), /as images: it is no folder/],
    ];
    for (const [name, bytes, message] of cases) {
      Deno.writeFileSync(`${folder}/${name}`, bytes);
      const error = await thrown(() => readAll(`${folder}/${name}`));
      assert.match(error, message, name);
      assert.ok(error.startsWith(`DataError: Cannot read ${folder}/${name} as`), error);
    }
    const missing = await thrown(() => openSource(`${folder}/missing`));
    assert.equal(
      missing,
      `DataError: Cannot read ${folder}/missing: there is no such file or folder`,
    );
  });
});

Deno.test("splitOfName() goes by whole words", () => {
  const names = {
    "validation-00000-of-00003": "val",
    "cc3m-val_0001": "val",
    "emnist-letters-test-images-idx3-ubyte": "test",
    "t10k-images": "test",
    "dev.v2": "val",
    "Training": "train",
    "contest": "train",
    "valley": "train",
    "": "train",
  };
  for (const [name, split] of Object.entries(names)) assert.equal(splitOfName(name), split, name);
});
