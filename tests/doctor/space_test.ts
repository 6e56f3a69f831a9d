import assert from "node:assert/strict";
import { dirname } from "node:path";
import { inspectSpace, memoryLimit } from "../../lib/doctor/space.ts";

/** A folder with these files, for `body`. */
function withFiles(files: Readonly<Record<string, string>>, body: (root: string) => void): void {
  const root = Deno.makeTempDirSync();
  try {
    for (const [path, content] of Object.entries(files)) {
      Deno.mkdirSync(dirname(`${root}/${path}`), { recursive: true });
      Deno.writeTextFileSync(`${root}/${path}`, content);
    }
    body(root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("memoryLimit() is the least of a group and those around it, in version 2", () => {
  const files = {
    "a/memory.max": "max\n",
    "a/b/memory.max": "3000\n",
    "a/b/c/memory.max": "5000\n",
  };
  withFiles(files, (root) => {
    assert.equal(memoryLimit(root, "0::/a/b/c\n"), 3000);
    assert.equal(memoryLimit(root, "0::/a\n"), null);
  });
});

Deno.test("memoryLimit() reads version 1, where no limit is a very large number", () => {
  const file = "memory.limit_in_bytes", none = "9223372036854771712\n";
  const files = { [`memory/${file}`]: none, [`memory/job/${file}`]: "7000\n" };
  withFiles(files, (root) => {
    assert.equal(memoryLimit(root, "9:name=systemd:/x\n4:memory:/job\n0::/\n"), 7000);
    assert.equal(memoryLimit(root, "4:memory:/\n"), null);
  });
});

Deno.test("memoryLimit() reads the group's own root, as containers see it", () => {
  withFiles({ "memory.max": "4000" }, (root) => assert.equal(memoryLimit(root, "0::/\n"), 4000));
});

Deno.test("inspectSpace() tells of memory and of the disk under a folder", () => {
  const { memory, disk, memoryLimit } = inspectSpace("/tmp");
  assert.ok(memory.available > 0 && memory.available <= memory.total);
  assert.equal(disk!.path, "/tmp");
  assert.ok(disk!.free > 0 && disk!.free <= disk!.total);
  assert.ok(memoryLimit === null || memoryLimit > 0);
  assert.equal(inspectSpace("/no/such/folder").disk, null);
});
