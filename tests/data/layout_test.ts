import assert from "node:assert/strict";
import { isImagePath, layoutOf } from "../../lib/data/layout.ts";

/** `split/class` of each path. */
function places(paths: readonly string[]): string[] {
  const layout = layoutOf(paths);
  return paths.map((path) => {
    const { split, className } = layout.place(path);
    return `${split}/${className ?? "-"}`;
  });
}

Deno.test("layoutOf() finds classes in folders", () => {
  const paths = ["dog/1.jpg", "cat/1.jpg", "cat/deep/er/2.jpg"];
  assert.deepEqual(places(paths), ["train/dog", "train/cat", "train/cat"]);
});

Deno.test("layoutOf() finds splits, labelled or not", () => {
  const paths = ["train/cat/1.jpg", "train/dog/1.jpg", "val/dog/2.jpg", "test/x.jpg"];
  assert.deepEqual(places(paths), ["train/cat", "train/dog", "val/dog", "test/-"]);
});

Deno.test("layoutOf() takes a flat folder as unlabelled training images", () => {
  assert.deepEqual(places(["a.jpg", "b.jpg"]), ["train/-", "train/-"]);
});

Deno.test("layoutOf() leaves out one folder that holds everything, unless it is a split", () => {
  assert.equal(layoutOf(["set/train/cat/1.jpg", "set/test/cat/2.jpg"]).prefix, 4);
  assert.deepEqual(places(["set/train/cat/1.jpg", "set/test/cat/2.jpg"]), [
    "train/cat",
    "test/cat",
  ]);
  assert.deepEqual(places(["photos/1.jpg", "photos/2.jpg"]), ["train/-", "train/-"]);
  assert.equal(layoutOf(["test/a/1.jpg", "test/b/1.jpg"]).prefix, 0);
  assert.deepEqual(places(["test/a/1.jpg", "test/b/1.jpg"]), ["test/a", "test/b"]);
});

Deno.test("layoutOf() tells the folders of classes from others", () => {
  const flat = layoutOf(["set/cat/1.jpg", "set/dog/1.jpg"]);
  const folders = ["set", "set/cat", "set/owl", "set/owl/deep", "other"];
  const classes = folders.map((folder) => flat.classOfFolder(folder));
  assert.deepEqual(classes, [undefined, "cat", "owl", "owl", undefined]);
  const split = layoutOf(["train/cat/1.jpg", "val/cat/1.jpg"]);
  assert.deepEqual(
    ["train", "train/owl", "val/owl", "notes"].map((folder) => split.classOfFolder(folder)),
    [undefined, "owl", "owl", undefined],
  );
  assert.equal(layoutOf(["1.jpg"]).classOfFolder("notes"), undefined);
});

Deno.test("layoutOf() refuses what it cannot tell", () => {
  const refused: [string[], RegExp][] = [
    [["train/a/1.jpg", "1.jpg"], /^Cannot tell the splits: train\/a\/1.jpg is in .* 1.jpg is not/],
    [["a/1.jpg", "1.jpg"], /^Cannot tell the classes: a\/1.jpg is in .* 1.jpg is not$/],
  ];
  for (const [paths, message] of refused) {
    assert.throws(() => layoutOf(paths), { name: "DataError", message });
  }
});

Deno.test("isImagePath() goes by the extension", () => {
  for (
    const name of ["a.jpg", "a.jpeg", "a/b.JPEG", "a.JPG", "a.png", "a.WebP", "a.avif", "a.gif"]
  ) {
    assert.ok(isImagePath(name), name);
  }
  for (const name of ["a.txt", "jpg", "a.jpg.txt"]) assert.ok(!isImagePath(name), name);
});
