import assert from "node:assert/strict";
import { Paths } from "../../lib/data/paths.ts";

const bytesOf = (path: string) => new TextEncoder().encode(path);

function pathsOf(list: readonly string[]): Paths {
  const paths = new Paths();
  for (const path of list) paths.push(bytesOf(path));
  return paths;
}

Deno.test("Paths gives back what was added, however long", () => {
  const list = ["a/é.jpg", "", "x".repeat(3_000_000), "\ufeffb", "ende"];
  const paths = pathsOf(list);
  assert.equal(paths.length, 5);
  list.forEach((path, i) => assert.ok(paths.at(i) === path, `path ${i}`));
  assert.equal(paths.at(0, 2), "é.jpg");
  assert.ok(paths.is(2, bytesOf(list[2]!)));
  assert.ok(!paths.is(2, bytesOf(`${list[2]!.slice(1)}y`)));
  assert.ok(!paths.is(4, bytesOf("end")));
});

Deno.test("Paths.compare() orders paths as strings are ordered", () => {
  const list = [
    "b",
    "a",
    "",
    "a/b",
    "a-b",
    "ab",
    "é",
    "\uffee",
    "\ue000",
    "😀",
    "\ud7ff",
    "a😀",
    "a\uffee",
  ];
  const paths = pathsOf(list);
  const order = [...list.keys()].sort((i, j) => paths.compare(i, j));
  assert.deepEqual(order.map((i) => list[i]), [...list].sort());
  assert.equal(paths.compare(0, 0), 0);
  assert.equal(paths.compare(0, 3, 0, 2), 0, "without what is skipped");
});
