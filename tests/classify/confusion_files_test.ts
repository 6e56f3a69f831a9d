import assert from "node:assert/strict";
import sharp from "sharp";
import { confusionCsv, confusionPng } from "../../lib/classify/mod.ts";

Deno.test("confusionCsv() writes a row for each class, with awkward names quoted", () => {
  const csv = confusionCsv([[3, 1], [0, 2]], ["cat", 'a "dog", small']);
  assert.equal(csv, 'class,cat,"a ""dog"", small"\ncat,3,1\n"a ""dog"", small",0,2\n');
  assert.throws(() => confusionCsv([[1]], ["a", "b"]), /of 1 rows for 2 classes/);
});

Deno.test("confusionPng() darkens cells by their share of the row", async () => {
  const png = confusionPng([[9, 1], [0, 4]], ["cat", "dog"]);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [3 * 6 + 8 + 48 + 4, 48 + 8]);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)];
  const cell = (row: number, column: number) => at(26 + column * 24 + 3, 4 + row * 24 + 3);
  assert.deepEqual(cell(1, 1), [8, 48, 107]);
  assert.deepEqual(cell(1, 0), [244, 246, 250]);
  assert.ok(cell(0, 0)[0]! < cell(0, 1)[0]! && cell(0, 1)[0]! < cell(1, 0)[0]!);
  assert.ok(data.subarray(0, info.width * 40 * 3).includes(0), "names are written");
});

Deno.test("confusionPng() shows a thousand classes, a pixel each", async () => {
  const row = new Array<number>(1000).fill(0);
  const { width, height } = await sharp(
    confusionPng(row.map((_, i) => row.with(i, 1)), row.map(String)),
  ).metadata();
  assert.deepEqual([width, height], [1008, 1008]);
});
