import assert from "node:assert/strict";
import sharp from "sharp";
import { contactSheet } from "../../lib/data/contact_sheet.ts";
import { openDataset } from "../../lib/data/dataset.ts";
import { prepare } from "../../lib/data/prepare.ts";
import type { PrepareOptions } from "../../lib/data/prepare_options.ts";
import { inFolder } from "../_folder.ts";
import { type Files, pictures, writeTree } from "./_pictures.ts";

/** A picture of one colour. */
async function plain(background: string, width = 16, height = 16): Promise<Uint8Array> {
  return new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background } }).png().toBuffer(),
  );
}

/** The sheet's pixels. */
async function sheetOf(files: Files, options: PrepareOptions = {}) {
  let sheet: Uint8Array = new Uint8Array();
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, files);
    await prepare(`${folder}/in`, `${folder}/out`, { workers: 1, ...options });
    using dataset = openDataset(`${folder}/out`);
    sheet = contactSheet(dataset);
    assert.deepEqual(Deno.readFileSync(`${folder}/out/contact-sheet.png`), sheet);
  });
  const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)];
  return { width: info.width, height: info.height, at };
}

Deno.test("contactSheet() shows a row a class, in the order of the labels", async () => {
  const { at, width, height } = await sheetOf({
    "b/1.png": await plain("#00ff00"),
    "a/1.png": await plain("#ff0000"),
    "a/2.png": await plain("#0000ff"),
  });
  assert.deepEqual([width, height], [8 + 6 + 8 + 660 + 8, 8 + 10 + 8 + 2 * 66 + 8]);
  const [left, top] = [22 + 32, 26 + 32];
  assert.deepEqual(at(left, top), [255, 0, 0]);
  assert.deepEqual(at(left + 66, top), [0, 0, 255]);
  assert.deepEqual(at(left, top + 66), [0, 255, 0]);
  assert.deepEqual(at(left + 66, top + 66), [238, 238, 238]);
});

Deno.test("contactSheet() shows images in their own proportions", async () => {
  const { at } = await sheetOf({ "1.png": await plain("#ff0000", 32, 16) }, { size: 16 });
  const [middle, top] = [8 + 32, 26];
  assert.deepEqual(at(middle, top + 14), [238, 238, 238]);
  assert.deepEqual(at(middle, top + 17), [255, 0, 0]);
  assert.deepEqual(at(middle, top + 46), [255, 0, 0]);
  assert.deepEqual(at(middle, top + 50), [238, 238, 238]);
});

Deno.test("contactSheet() has room for 60 rows, however many classes and images there are", async () => {
  const paths = Array.from({ length: 70 }, (_, i) => `class ${i} of a long name/1.jpg`);
  const labelled = await sheetOf(pictures(paths, 8, 8));
  assert.equal(labelled.height, 26 + 60 * 66 + 8);
  const flat = await sheetOf(pictures(paths.map((path) => path.replace("/", "")), 8, 8));
  assert.equal(flat.height, 26 + 6 * 66 + 8);
});

Deno.test("prepare() writes the contact sheet where it is told, or not at all", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, pictures(["a.jpg"]));
    const sheet = `${folder}/pictures/sheet.png`;
    const result = await prepare(`${folder}/in`, `${folder}/a`, {
      workers: 1,
      contactSheet: sheet,
    });
    assert.equal(result.contactSheet, sheet);
    assert.equal(Deno.readFileSync(sheet)[1], 0x50);
    assert.ok(![...Deno.readDirSync(`${folder}/a`)].some(({ name }) => name.endsWith(".png")));
    const none = await prepare(`${folder}/in`, `${folder}/b`, { workers: 1, contactSheet: false });
    assert.equal(none.contactSheet, null);
    assert.ok(![...Deno.readDirSync(`${folder}/b`)].some(({ name }) => name.endsWith(".png")));
  });
});
