/** What preparing makes of classes that are not simply as they should be. */
import assert from "node:assert/strict";
import { prepare } from "../../lib/data/prepare.ts";
import type { PrepareOptions } from "../../lib/data/prepare_options.ts";
import { inFolder } from "../_folder.ts";
import { pictures, tarOf, thrown, writeTree } from "./_pictures.ts";
import { failed, prepared, QUICK } from "./_merged.ts";
import { bytesOf } from "./_sources.ts";

Deno.test("prepare() leaves out a class without images and warns, or fails if it is strict", async () => {
  const files = { ...pictures(["set/a/1.jpg", "set/b/1.jpg"]), "set/c/notes.txt": bytesOf("x") };
  const { classes, result } = await prepared(files, ["set"]);
  assert.deepEqual(classes, ["a", "b"]);
  assert.deepEqual(result.warnings, ['class "c" has no image']);
  await inFolder(async (folder) => {
    writeTree(folder, pictures(["set/a/1.jpg", "set/b/1.jpg"]));
    Deno.mkdirSync(`${folder}/set/empty`);
    const run = (options: PrepareOptions) =>
      prepare(`${folder}/set`, `${folder}/packed`, { ...QUICK, ...options });
    assert.equal(
      await thrown(() => run({ strict: true })),
      'DataError: Cannot use class "empty": it has no image; remove it, or leave out --strict',
    );
    assert.deepEqual((await run({})).warnings, ['class "empty" has no image']);
  });
  const bad = { ...pictures(["set/a/1.jpg", "set/b/1.jpg"]), "set/c/1.jpg": new Uint8Array() };
  const skipped = await prepared(bad, ["set"], { maxBad: 0.5 });
  assert.deepEqual(skipped.classes, ["a", "b"]);
  assert.deepEqual(skipped.result.warnings, ['class "c" has no image']);
});

Deno.test("prepare() refuses classes whose names are one, and warns of those that differ in case", async () => {
  const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"];
  assert.match(
    await failed(pictures([`set/${composed}/1.jpg`, `set/${decomposed}/1.jpg`]), ["set"]),
    /^DataError: Cannot tell the classes: ".*" and ".*" are one name in two spellings of Unicode/,
  );
  const two = await prepared(
    pictures([`a/${composed}/1.jpg`, `a/x/1.jpg`, `b/${decomposed}/2.jpg`, "b/x/1.jpg"]),
    ["a", "b"],
  );
  assert.deepEqual(two.classes, [composed, "x"]);
  const tar = await tarOf(pictures(["Cat/1.jpg", "cat/1.jpg"]));
  const { classes, result } = await prepared({ "x.tar": tar }, ["x.tar"]);
  assert.deepEqual(classes, ["Cat", "cat"]);
  assert.deepEqual(result.warnings, ['classes "Cat" and "cat" differ only in case']);
});
