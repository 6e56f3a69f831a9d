import assert from "node:assert/strict";
import { openSources } from "../../lib/data/open_source.ts";
import { inFolder } from "../_folder.ts";
import { picture, tarOf } from "./_pictures.ts";
import { bytesOf, endTar, listed, tarV7 } from "./_sources.ts";

const jpg = picture(0, 8, 8);

/** Writes a tar and says what it holds. */
async function ofTar(bytes: Uint8Array, name = "x.tar"): Promise<string[]> {
  let found: string[] = [];
  await inFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/${name}`, bytes);
    found = await listed(`${folder}/${name}`);
  });
  return found;
}

Deno.test("a tar without magic is read", async () => {
  const folder = tarV7("cats/", new Uint8Array());
  const tar = endTar(folder, tarV7("cats/1.jpg", jpg), tarV7("dogs/1.jpg", jpg));
  assert.deepEqual(await ofTar(tar), ["cats/1.jpg train/cats", "dogs/1.jpg train/dogs"]);
});

Deno.test("what a tar would put outside of it, and its links, are bad; nothing is read or written there", async () => {
  const nothing = new Uint8Array();
  const tar = endTar(
    tarV7("a/1.jpg", jpg),
    tarV7("../evil.jpg", jpg),
    tarV7("a/../../evil.jpg", jpg),
    tarV7("/b/2.jpg", jpg),
    tarV7("a/soft.jpg", nothing, { type: "2", link: "/etc/passwd" }),
    tarV7("a/hard.jpg", nothing, { type: "1", link: "a/1.jpg" }),
    tarV7("a/device.jpg", nothing, { type: "3" }),
    tarV7("../notes.txt", jpg),
    tarV7("a/notes.txt", nothing, { type: "2", link: "1.jpg" }),
  );
  assert.deepEqual(await ofTar(tar), [
    "a/1.jpg train/a",
    "../evil.jpg !its path leads out of the tar",
    "a/../../evil.jpg !its path leads out of the tar",
    "b/2.jpg train/b",
    "a/soft.jpg !link, which is not followed in a tar",
    "a/hard.jpg !link, which is not followed in a tar",
  ]);
});

Deno.test("WebDataset's labels count, before and after their images, as numbers or names", async () => {
  const tar = await tarOf({
    "000.jpg": jpg,
    "000.cls": bytesOf("7\n"),
    "001.cls": bytesOf("10"),
    "001.jpg": jpg,
    "sub/002.png": jpg,
    "sub/002.json": bytesOf('{"width": 8, "label": "owl"}'),
    "003.jpg": jpg,
    "003.json": bytesOf('{"cls": 7}'),
    "004.jpg": jpg,
    "004.json": bytesOf('{"caption": "no label"}'),
    "005.jpg": jpg,
    "005.json": bytesOf("not JSON"),
    "006.jpg": jpg,
    "006.cls": bytesOf("-1"),
  });
  assert.deepEqual(await ofTar(tar, "validation-00.tar"), [
    "000.jpg val/7",
    "001.jpg val/10",
    "sub/002.png val/owl",
    "003.jpg val/7",
    "004.jpg val/-",
    "005.jpg val/-",
    "006.jpg val/-",
  ]);
});

Deno.test("a tar of class folders stays one beside labels of no image", async () => {
  const tar = await tarOf({
    "set/a/1.jpg": jpg,
    "set/b/1.jpg": jpg,
    "set/about.json": bytesOf('{"label": "my pictures"}'),
  });
  assert.deepEqual(await ofTar(tar), ["a/1.jpg train/a", "b/1.jpg train/b"]);
});

Deno.test("openSources() opens the shards of a brace pattern", async () => {
  await inFolder(async (folder) => {
    for (const shard of ["00", "01", "02"]) {
      const tar = await tarOf({ [`${shard}.jpg`]: jpg, [`${shard}.cls`]: bytesOf(shard) });
      Deno.writeFileSync(`${folder}/train-${shard}.tar`, tar);
    }
    const sources = await openSources([`${folder}/train-{00..02}.tar`]);
    assert.deepEqual(sources.map(({ name }) => name), ["train-00", "train-01", "train-02"]);
    assert.deepEqual(await listed(sources[1]!), ["01.jpg train/1"]);
    await assert.rejects(openSources([`${folder}/train-{01..03}.tar`]), {
      name: "DataError",
      message: `Cannot read ${folder}/train-03.tar: there is no such file or folder`,
    });
  });
});
