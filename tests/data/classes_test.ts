import assert from "node:assert/strict";
import { distinct, mergeClasses, sameButCase } from "../../lib/data/classes.ts";
import type { SplitName } from "../../lib/data/manifest.ts";

/** A source with these classes. */
function source(names: readonly string[], listed?: readonly string[], split: SplitName = "train") {
  const used = new Map(names.map((name) => [name, new Set([split])]));
  return listed === undefined ? { used } : { used, listed };
}

Deno.test("mergeClasses() sorts names, and numbers as numbers", () => {
  assert.deepEqual(mergeClasses([source(["dog", "cat"]), source(["ant", "cat"])]), [
    "ant",
    "cat",
    "dog",
  ]);
  assert.deepEqual(mergeClasses([source(["10", "9", "0"])]), ["0", "9", "10"]);
  assert.deepEqual(mergeClasses([source(["10", "9", "x"])]), ["10", "9", "x"]);
  assert.deepEqual(mergeClasses([source([])]), []);
});

Deno.test("mergeClasses() keeps the order of a list that all sources share", () => {
  const list = ["zebra", "ant", "none"];
  assert.deepEqual(mergeClasses([source(["ant"], list), source(["zebra"], list)]), list);
  assert.deepEqual(mergeClasses([source(["ant"], list), source([])]), list);
  assert.deepEqual(mergeClasses([source(["ant"], list), source(["bee"])]), [
    "ant",
    "bee",
    "none",
    "zebra",
  ]);
});

Deno.test("mergeClasses() takes a name in either form of Unicode for the same, but not in one source", () => {
  const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"];
  assert.deepEqual(mergeClasses([source([composed]), source([decomposed])]), [composed]);
  assert.throws(() => mergeClasses([source([composed, decomposed])]), {
    name: "DataError",
    message: `Cannot tell the classes: "${composed}" and "${decomposed}" are one name in two ` +
      "spellings of Unicode (5 bytes, 6 bytes); merge them",
  });
});

Deno.test("mergeClasses() refuses classes of val that train has not", () => {
  assert.throws(() => mergeClasses([source(["a"]), source(["b"], undefined, "val")]), {
    name: "DataError",
    message: 'Cannot use class "b" of val or test: train has none',
  });
  assert.deepEqual(mergeClasses([source(["b"], undefined, "test")]), ["b"]);
  assert.deepEqual(mergeClasses([source(["b"], ["a", "b"], "val")]), ["a", "b"]);
});

Deno.test("distinct() numbers names that come again, sameButCase() finds likely mistakes", () => {
  assert.deepEqual(distinct(["crane", "x", "crane"]), ["crane", "x", "crane (2)"]);
  assert.deepEqual(sameButCase(["Cat", "a", "cat", "B"]), [["Cat", "cat"]]);
});
