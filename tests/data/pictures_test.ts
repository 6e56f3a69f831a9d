import assert from "node:assert/strict";
import { DataError, readPictures } from "../../lib/data/mod.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, tarOf, writeTree } from "./_pictures.ts";
import { record, writePacked } from "./packed.ts";

const OPTIONS = { count: 3, seed: 1, size: 8 };

Deno.test("readPictures() draws records of a packed dataset, with their classes", async () => {
  await inFolder(async (folder) => {
    writePacked(folder, { size: 8, images: Array(9).fill({ width: 8, height: 8 }) });
    const drawn = await readPictures([folder], OPTIONS);
    assert.equal(drawn.length, 3);
    for (const { name, label, pixels } of drawn) {
      const i = Number(/a\/(\d+).jpg/.exec(name)![1]);
      assert.deepEqual(pixels, record(i, 8));
      assert.equal(label, "a");
    }
    assert.deepEqual(await readPictures([folder], OPTIONS), drawn);
    const other = await readPictures([folder], { ...OPTIONS, seed: 2 });
    assert.notDeepEqual(other.map(({ name }) => name), drawn.map(({ name }) => name));
    assert.equal((await readPictures([folder], { ...OPTIONS, size: 4 }))[0]!.pixels.length, 48);
  });
});

Deno.test("readPictures() reads folders however they are laid out, tars and single images alike", async () => {
  await inFolder(async (folder) => {
    const files = pictures(["in/a/1.jpg", "in/2.jpg", "in/b/c/3.jpg"]);
    writeTree(folder, { ...files, "in/notes.txt": picture(1, 8, 8) });
    Deno.writeFileSync(`${folder}/in.tar`, await tarOf(files));
    const fromFolder = await readPictures([`${folder}/in`], OPTIONS);
    assert.deepEqual(fromFolder.map(({ name }) => name).sort(), ["2.jpg", "a/1.jpg", "b/c/3.jpg"]);
    const bytes = (all: readonly { name: string; pixels: Uint8Array }[]) =>
      new Map(all.map(({ name, pixels }) => [name.split("/").at(-1)!, pixels]));
    const fromTar = await readPictures([`${folder}/in.tar`], OPTIONS);
    assert.deepEqual(bytes(fromTar), bytes(fromFolder));
    const [one] = await readPictures([`${folder}/in/2.jpg`], OPTIONS);
    assert.deepEqual(one!.pixels, bytes(fromFolder).get("2.jpg"));
    const both = [`${folder}/in/2.jpg`, `${folder}/in`];
    assert.equal((await readPictures(both, { ...OPTIONS, count: 9 })).length, 4);
  });
});

Deno.test("readPictures() takes the central square in its proportions", async () => {
  await inFolder(async (folder) => {
    writePacked(folder, { size: 8, images: [{ width: 16, height: 8 }], enlarged: false });
    const [one] = await readPictures([folder], OPTIONS);
    assert.equal(one!.pixels.length, 8 * 8 * 3);
    const whole = record(0, 8);
    assert.notDeepEqual(one!.pixels, whole, "the middle, made wide again");
  });
});

Deno.test("readPictures() refuses what holds no image, and damaged ones", async () => {
  await inFolder(async (folder) => {
    writeTree(folder, { "in/a.txt": picture(1, 8, 8), "bad.jpg": picture(1, 8, 8).slice(0, 200) });
    const says = async (path: string, message: RegExp) => {
      await assert.rejects(readPictures([`${folder}/${path}`], OPTIONS), (error) => {
        assert.ok(error instanceof DataError, String(error));
        assert.match(error.message, message);
        return true;
      });
    };
    await says("in", /Cannot find any image in .*in$/);
    await says("none", /there is no such file or folder/);
    await says("none.jpg", /Cannot read .*none.jpg: there is no such file/);
    await says("bad.jpg", /Cannot use the image .*bad.jpg: /);
  });
});
