/** Preparing what is not simply a folder or tar of pictures. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openDataset } from "../../lib/data/dataset.ts";
import { prepare } from "../../lib/data/prepare.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, tarOf, writeTree } from "./_pictures.ts";
import { failed, prepared, QUICK } from "./_merged.ts";
import { bytesOf, joined, noise, uint32 } from "./_sources.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));

/** IDX, CIFAR, a tar, WebDataset, a list and a folder. */
async function everything(): Promise<Record<string, Uint8Array>> {
  const jpg = picture(0, 10, 10);
  return {
    "mnist/train-images-idx3-ubyte": joined(uint32(0x803, 2, 8, 8), noise(1, 128)),
    "mnist/train-labels-idx1-ubyte": joined(uint32(0x801, 2), Uint8Array.of(4, 2)),
    "cifar.tar": await tarOf({
      "c/data_batch_1.bin": joined(Uint8Array.of(1), noise(2, 3072)),
      "c/batches.meta.txt": bytesOf("airplane\ncat\n"),
    }),
    "shards/val-{0}.tar": bytesOf("not a shard"),
    "shards/val-0.tar": await tarOf({ "1.jpg": jpg, "1.cls": bytesOf("cat") }),
    "shards/val-1.tar": await tarOf({ "1.jpg": jpg, "1.json": bytesOf('{"label": "dog"}') }),
    "list.csv": bytesOf("path,label\ntree/dog/1.jpg,dog\ntree/none.jpg,dog\n"),
    "tree/dog/1.jpg": jpg,
    "tree/cat/1.jpg": jpg,
  };
}

Deno.test("prepare() merges sources of all kinds by the names of their classes", async () => {
  const sources = ["mnist", "cifar.tar", "shards/val-{0..1}.tar", "list.csv", "tree"];
  const parquet = `${FIXTURES}/parquet/plain.parquet`;
  const { samples, classes, records, result } = await prepared(
    await everything(),
    [...sources, parquet],
    { maxBad: 0.3 },
  );
  assert.deepEqual(classes, ["2", "4", "a", "airplane", "b", "cat", "dog"]);
  assert.deepEqual(samples, [
    "train cifar/data_batch_1/00000 cat",
    "train list/tree/dog/1.jpg dog",
    "train plain/00000000 b",
    "train plain/00000002 a",
    "train train-images-idx3-ubyte/000000 4",
    "train train-images-idx3-ubyte/000001 2",
    "train tree/cat/1.jpg cat",
    "train tree/dog/1.jpg dog",
    "val val-0/1.jpg cat",
    "val val-1/1.jpg dog",
  ]);
  assert.deepEqual(result.bad, [
    { path: "list/tree/none.jpg", reason: "no such file" },
    { path: "plain/00000001", reason: "no bytes of an image in its row" },
  ]);
  assert.deepEqual(result.warnings, ['class "airplane" has no image']);
  const grey = noise(1, 128).subarray(0, 64);
  const pixels = Uint8Array.from({ length: 192 }, (_, i) => grey[Math.floor(i / 3)]!);
  assert.deepEqual(records.get("train-images-idx3-ubyte/000000"), pixels);
});

Deno.test("prepare() gives sources of one name different ones", async () => {
  const files = { ...pictures(["a/set/1.jpg", "b/set/1.jpg"]) };
  const { samples } = await prepared(files, ["a/set", "b/set"]);
  assert.deepEqual(samples, ["train set-2/1.jpg -", "train set/1.jpg -"]);
});

Deno.test("prepare() reads Parquet's images and keeps the order of its classes", async () => {
  const source = [`${FIXTURES}/parquet/train-00000-of-00001.parquet`];
  const { samples, classes, records } = await prepared({}, source);
  assert.deepEqual(classes, ["zebra", "ant", "ant (2)", "empty"]);
  assert.equal(samples.length, 7);
  assert.deepEqual([...records.get("00000001-1.png")!.subarray(0, 3)], [20, 100, 245]);
});

Deno.test("prepare() follows links once, and counts no file twice", async () => {
  await inFolder(async (folder) => {
    writeTree(
      folder,
      pictures(["set/a/1.jpg", "set/b/1.jpg", "outside/c/1.jpg", "outside/c/2.jpg"]),
    );
    const link = (to: string, from: string) =>
      Deno.symlinkSync(`${folder}/${to}`, `${folder}/${from}`);
    link("set", "set/a/loop");
    link("set/a/1.jpg", "set/a/again.jpg");
    link("set/b", "set/0b");
    link("outside/c", "set/c");
    link("outside", "set/d");
    link("nowhere", "set/b/broken.jpg");
    link("nowhere", "set/b/broken.txt");
    const result = await prepare(`${folder}/set`, `${folder}/packed`, { ...QUICK, maxBad: 0.5 });
    const train = openDataset(`${folder}/packed`).split("train");
    const paths = Array.from({ length: train.count }, (_, i) => train.path(i));
    assert.deepEqual(paths, ["a/1.jpg", "b/1.jpg", "c/1.jpg", "c/2.jpg"]);
    assert.deepEqual(result.bad, [{ path: "b/broken.jpg", reason: "symbolic link to nothing" }]);
    assert.match(
      result.warnings[0]!,
      /^4 symbolic links in .*set lead to what is there already; left out$/,
    );
    train.close();
  });
});

Deno.test("prepare() refuses a source without images", async () => {
  const message = "DataError: Cannot find any image in the source";
  assert.equal(await failed({ "set/notes.txt": bytesOf("x") }, ["set"]), message);
  assert.equal(
    await failed({ "x.tar": await tarOf({}) }, ["x.tar"]).then((text) => text.slice(0, 9)),
    "DataError",
  );
  assert.equal(
    await failed({ "x.tar": await tarOf({ "a.txt": bytesOf("x") }) }, ["x.tar"]),
    message,
  );
  assert.equal(await failed({ "x.csv": bytesOf("path\n") }, ["x.csv"]), message);
});

Deno.test("prepare() says that the disk is full, and leaves nothing behind", async () => {
  const { writeSync } = Deno.FsFile.prototype;
  let room = 500;
  Deno.FsFile.prototype.writeSync = function (bytes) {
    if ((room -= bytes.length) >= 0) return writeSync.call(this, bytes);
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  };
  try {
    const message = await failed(pictures(["set/1.jpg", "set/2.jpg", "set/3.jpg"]), ["set"]);
    assert.equal(message, "EnvironmentError: Cannot write packed: the disk is full");
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
});

Deno.test("prepare() is the same whatever order the file system lists in", async () => {
  const files = pictures(["s/b/1.jpg", "s/a/2.jpg", "s/a/10.jpg", "s/.hidden/1.jpg", "s/a/.2.jpg"]);
  const { readDir } = Deno;
  const found = [];
  for (const turn of [(list: Deno.DirEntry[]) => list, (list: Deno.DirEntry[]) => list.reverse()]) {
    Deno.readDir = async function* (path) {
      yield* turn(await Array.fromAsync(readDir(path)));
    };
    try {
      found.push(await prepared(files, ["s"]));
    } finally {
      Deno.readDir = readDir;
    }
  }
  assert.deepEqual(found[0]!.samples, ["train a/10.jpg a", "train a/2.jpg a", "train b/1.jpg b"]);
  assert.equal(found[0]!.result.digest, found[1]!.result.digest);
});
