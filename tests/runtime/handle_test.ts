import assert from "node:assert/strict";
import { Handle } from "../../lib/runtime/handle.ts";

const address = Deno.UnsafePointer.create(16n)!;

Deno.test("Handle frees its object once", () => {
  let freed = 0;
  const handle = new Handle("thing", address, { free: () => freed++ });
  assert.equal(handle.pointer, address);
  handle[Symbol.dispose]();
  handle[Symbol.dispose]();
  assert.equal(freed, 1);
  assert.throws(() => handle.pointer, {
    name: "TypeError",
    message: "Cannot use this thing: it was disposed",
  });
});

Deno.test("Handle outlives what was made from it", () => {
  const freed: string[] = [];
  const parent = new Handle("parent", address, { free: () => freed.push("parent") });
  const child = new Handle("child", address, {
    free: () => freed.push("child"),
    parents: [parent],
  });
  parent[Symbol.dispose]();
  assert.deepEqual(freed, []);
  assert.throws(() => parent.retain(), /disposed/);
  child[Symbol.dispose]();
  assert.deepEqual(freed, ["child", "parent"]);
});
