/** Which image is in which split and class. */
import assert from "node:assert/strict";
import { pictures } from "./_pictures.ts";
import { failed, prepared, TREE } from "./_prepared.ts";

Deno.test("prepare() takes flat folders as unlabelled and leaves out other files", async () => {
  const files = { ...pictures(["b.jpg", "a.jpg"]), "readme.txt": Uint8Array.of(65) };
  await prepared(files, {}, ({ dataset, result }) => {
    assert.deepEqual(dataset.manifest.classes, []);
    assert.deepEqual([...dataset.split("train").labels], [-1, -1]);
    assert.equal(dataset.split("train").path(0), "a.jpg");
    assert.equal(result.ignored, 1);
  });
});

Deno.test("prepare() holds out a share of train by the seed, and not where there is a val", async () => {
  const paths = Array.from({ length: 20 }, (_, i) => `c${i % 4}/${i}.jpg`);
  const held: string[][] = [];
  for (const [seed, files] of [[5, pictures(paths)], [5, pictures(paths.toReversed())]] as const) {
    await prepared(files, { valFraction: 0.25, seed }, ({ dataset, result }) => {
      assert.deepEqual(result.splits, { train: 15, val: 5 });
      assert.deepEqual(dataset.manifest.held, { fraction: 0.25, seed: 5 });
      const val = dataset.split("val");
      held.push(Array.from({ length: val.count }, (_, i) => val.path(i)));
    });
  }
  assert.deepEqual(held[0], held[1]);
  assert.equal(
    await failed(TREE, { valFraction: 0.1 }),
    "DataError: Cannot hold out a share for validation: the source has a val split",
  );
});

Deno.test("prepare() spreads a limit over splits and classes", async () => {
  await prepared(TREE, { limit: 15 }, ({ dataset, result }) => {
    assert.deepEqual(result.splits, { train: 10, val: 3, test: 2 });
    const labels = [...dataset.split("train").labels];
    assert.deepEqual(labels, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });
});

Deno.test("prepare() counts the images of every class and split, and those of none", async () => {
  const files = {
    ...pictures(["train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "test/a/1.jpg"]),
    "train/b/bad.jpg": new Uint8Array(),
  };
  await prepared(files, { maxBad: 0.5 }, ({ dataset, result }) => {
    assert.deepEqual(result.balance, [
      { name: "a", splits: { train: 2, test: 1 } },
      { name: "b", splits: { train: 1, test: 0 } },
    ]);
    assert.deepEqual(dataset.manifest.splits.train!.perClass, [2, 1]);
    assert.deepEqual(result.statistics, dataset.manifest.statistics);
  });
  await prepared(pictures(["1.jpg", "2.jpg"]), {}, ({ result }) => {
    assert.deepEqual(result.balance, [{ name: null, splits: { train: 2 } }]);
  });
});
