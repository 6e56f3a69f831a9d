import assert from "node:assert/strict";
import { AtomicFolder } from "../../lib/data/atomic_folder.ts";
import { inFolder } from "../_folder.ts";

const bytes = Uint8Array.of(1, 2, 3);
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("AtomicFolder appears with all its files, and only then", async () => {
  await inFolder((folder) => {
    using atomic = new AtomicFolder(`${folder}/new/x`);
    atomic.writeFile("a.bin", bytes);
    assert.ok(!names(`${folder}/new`).includes("x"));
    atomic.commit();
    assert.deepEqual(names(`${folder}/new`), ["x"]);
    assert.deepEqual(Deno.readFileSync(`${folder}/new/x/a.bin`), bytes);
  });
});

Deno.test("AtomicFolder leaves nothing behind when it is given up", async () => {
  await inFolder((folder) => {
    {
      using atomic = new AtomicFolder(`${folder}/x`);
      atomic.writeFile("a.bin", bytes);
    }
    assert.deepEqual(names(folder), []);
  });
});

Deno.test("AtomicFolder replaces only what it may, and only at the end", async () => {
  await inFolder((folder) => {
    const target = `${folder}/x`;
    Deno.mkdirSync(target);
    Deno.writeFileSync(`${target}/old.bin`, bytes);
    assert.throws(() => new AtomicFolder(target), {
      name: "DataError",
      message: `Cannot write ${target}: it exists; use --force to replace it`,
    });
    assert.throws(() => new AtomicFolder(target, () => false), {
      name: "DataError",
      message: `Cannot replace ${target}: it is not a packed dataset`,
    });
    using atomic = new AtomicFolder(target, () => true);
    atomic.writeFile("new.bin", bytes);
    assert.deepEqual(names(target), ["old.bin"]);
    atomic.commit();
    assert.deepEqual(names(target), ["new.bin"]);
    assert.deepEqual(names(folder), ["x"]);
  });
});
