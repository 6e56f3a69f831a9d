import assert from "node:assert/strict";
import { isImagePath, layoutOf } from "../../lib/data/layout.ts";

/** `split/label` of each path. */
function places(paths: readonly string[]): string[] {
  const layout = layoutOf(paths);
  return paths.map((path) => {
    const { split, label } = layout.place(path);
    return `${split}/${label}`;
  });
}

Deno.test("layoutOf() finds classes in folders", () => {
  const paths = ["dog/1.jpg", "cat/1.jpg", "cat/deep/er/2.jpg"];
  assert.deepEqual(layoutOf(paths).classes, ["cat", "dog"]);
  assert.deepEqual(places(paths), ["train/1", "train/0", "train/0"]);
});

Deno.test("layoutOf() finds splits, labelled or not", () => {
  const paths = ["train/cat/1.jpg", "train/dog/1.jpg", "val/dog/2.jpg", "test/x.jpg"];
  assert.deepEqual(layoutOf(paths).classes, ["cat", "dog"]);
  assert.equal(layoutOf(paths).hasVal, true);
  assert.deepEqual(places(paths), ["train/0", "train/1", "val/1", "test/-1"]);
});

Deno.test("layoutOf() takes a flat folder as unlabelled training images", () => {
  assert.deepEqual(layoutOf(["a.jpg", "b.jpg"]).classes, []);
  assert.deepEqual(places(["a.jpg", "b.jpg"]), ["train/-1", "train/-1"]);
});

Deno.test("layoutOf() leaves out one folder that holds everything, unless it is a split", () => {
  assert.equal(layoutOf(["set/train/cat/1.jpg", "set/test/cat/2.jpg"]).prefix, 4);
  assert.deepEqual(places(["set/train/cat/1.jpg", "set/test/cat/2.jpg"]), ["train/0", "test/0"]);
  assert.deepEqual(places(["photos/1.jpg", "photos/2.jpg"]), ["train/-1", "train/-1"]);
  assert.equal(layoutOf(["test/a/1.jpg", "test/b/1.jpg"]).prefix, 0);
  assert.deepEqual(places(["test/a/1.jpg", "test/b/1.jpg"]), ["test/0", "test/1"]);
});

Deno.test("layoutOf() refuses what it cannot tell", () => {
  const refused: [string[], RegExp][] = [
    [[], /^Cannot find any image in the source$/],
    [["train/a/1.jpg", "1.jpg"], /^Cannot tell the splits: train\/a\/1.jpg is in .* 1.jpg is not/],
    [["a/1.jpg", "1.jpg"], /^Cannot tell the classes: a\/1.jpg is in .* 1.jpg is not$/],
    [
      ["train/a/1.jpg", "train/b/1.jpg", "val/images/1.jpg"],
      /^Cannot use class folder "images" of val or test: train has none$/,
    ],
  ];
  for (const [paths, message] of refused) {
    assert.throws(() => layoutOf(paths), { name: "DataError", message });
  }
});

Deno.test("isImagePath() goes by the extension and by what is decoded", () => {
  for (const name of ["a.jpg", "a.jpeg", "a/b.JPEG", "a.JPG"]) assert.ok(isImagePath(name, "jpeg"));
  for (const name of ["a.png", "a.WebP"]) {
    assert.ok(isImagePath(name, "all"));
    assert.ok(!isImagePath(name, "jpeg"));
  }
  for (const name of ["a.txt", "jpg", "a.jpg.txt"]) assert.ok(!isImagePath(name, "all"));
});
