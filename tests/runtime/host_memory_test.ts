import assert from "node:assert/strict";
import { dirname } from "node:path";
import { availableMemory, memoryLimit } from "../../lib/runtime/mod.ts";

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
    assert.equal(memoryLimit({ root, groups: "0::/a/b/c\n" }), 3000);
    assert.equal(memoryLimit({ root, groups: "0::/a\n" }), null);
  });
});

Deno.test("memoryLimit() reads version 1, where no limit is a very large number", () => {
  const file = "memory.limit_in_bytes", none = "9223372036854771712\n";
  const files = { [`memory/${file}`]: none, [`memory/job/${file}`]: "7000\n" };
  withFiles(files, (root) => {
    assert.equal(memoryLimit({ root, groups: "9:name=systemd:/x\n4:memory:/job\n0::/\n" }), 7000);
    assert.equal(memoryLimit({ root, groups: "4:memory:/\n" }), null);
  });
});

Deno.test("memoryLimit() reads the group's own root, as containers see it", () => {
  withFiles(
    { "memory.max": "4000" },
    (root) => assert.equal(memoryLimit({ root, groups: "0::/\n" }), 4000),
  );
});

/** Nothing but what a test says. */
const SILENT = { limits: "", status: "" };

Deno.test("availableMemory() is what is left of a control group, caches aside", () => {
  const two = {
    "memory.max": "max\n",
    "a/memory.max": "9000\n",
    "a/memory.current": "6000\n",
    "a/memory.stat": "anon 5\ninactive_file 1500\nactive_file 7\n",
  };
  withFiles(two, (root) => {
    assert.equal(availableMemory({ root, groups: "0::/a\n", ...SILENT }), 9000 - 6000 + 1500);
    assert.ok(availableMemory({ root, groups: "0::/\n", ...SILENT }) > 2 ** 20);
  });
  const one = {
    "memory/memory.limit_in_bytes": "9000\n",
    "memory/memory.usage_in_bytes": "8000\n",
    "memory/memory.stat": "inactive_file 9\ntotal_inactive_file 500\n",
  };
  withFiles(one, (root) => {
    assert.equal(availableMemory({ root, groups: "4:memory:/\n", ...SILENT }), 1500);
  });
});

Deno.test("availableMemory() is never below nothing", () => {
  withFiles({ "memory.max": "10\n", "memory.current": "20\n" }, (root) => {
    assert.equal(availableMemory({ root, groups: "0::/\n", ...SILENT }), 0);
  });
});

Deno.test("availableMemory() heeds the limit on the process's addresses", () => {
  const status = "VmPeak:\t    9 kB\nVmSize:\t    3 kB\n";
  const limits = (limit: string) =>
    `Limit  Soft  Hard\nMax address space         ${limit}  unlimited bytes\n`;
  assert.equal(availableMemory({ groups: "", limits: limits("5000"), status }), 5000 - 3 * 1024);
  assert.ok(availableMemory({ groups: "", limits: limits("unlimited"), status }) > 2 ** 20);
});
