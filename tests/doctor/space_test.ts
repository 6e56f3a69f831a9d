import assert from "node:assert/strict";
import { inspectSpace } from "../../lib/doctor/space.ts";

Deno.test("inspectSpace() tells of memory and of the disk under a folder", () => {
  const { memory, disk, memoryLimit } = inspectSpace("/tmp");
  assert.ok(memory.available > 0 && memory.available <= memory.total);
  assert.equal(disk!.path, "/tmp");
  assert.ok(disk!.free > 0 && disk!.free <= disk!.total);
  assert.ok(memoryLimit === null || memoryLimit > 0);
  assert.equal(inspectSpace("/no/such/folder").disk, null);
});
