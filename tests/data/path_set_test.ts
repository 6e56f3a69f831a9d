import assert from "node:assert/strict";
import { PathSet } from "../../lib/data/path_set.ts";

Deno.test("PathSet finds each of many paths, and none else", () => {
  const paths = new PathSet();
  const names = Array.from({ length: 5000 }, (_, i) => `class ${i % 7}/${i}.jpg`);
  assert.deepEqual(names.map((name) => paths.add(name)), [...names.keys()]);
  assert.deepEqual(names.map((name) => paths.find(name)), [...names.keys()]);
  assert.equal(paths.find("class 0/1.jpg"), undefined);
  assert.equal(paths.add("class 3/3.jpg"), undefined, "it is there");
  assert.equal(paths.length, 5000);
  assert.equal(paths.at(4999), names[4999]);
});

Deno.test("PathSet takes long paths, and those that are no Latin", () => {
  const paths = new PathSet();
  const names = ["", "猫/😀.jpg", "é".repeat(5000)];
  assert.deepEqual(names.map((name) => paths.add(name)), [0, 1, 2]);
  assert.deepEqual(names.map((name) => paths.find(name)), [0, 1, 2]);
  assert.ok(names.every((name, i) => paths.at(i) === name));
});
