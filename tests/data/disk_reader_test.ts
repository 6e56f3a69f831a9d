import assert from "node:assert/strict";
import { DiskReader } from "../../lib/data/disk_reader.ts";
import { inFolder } from "../_folder.ts";
import { noise } from "./_sources.ts";

Deno.test("DiskReader reads stretches of one file and of another", async () => {
  await inFolder((folder) => {
    const files = [noise(1, 1000), noise(2, 10)];
    files.forEach((bytes, i) => Deno.writeFileSync(`${folder}/${i}`, bytes));
    using disk = new DiskReader();
    for (
      const [i, offset, size] of [[0, 5, 10], [0, 0, 1000], [1, 0, 10], [0, 990, 10], [1, 3, 0]]
    ) {
      const read = disk.read({ file: `${folder}/${i}`, offset: offset! }, size!);
      assert.deepEqual(read, files[i!]!.slice(offset, offset! + size!));
    }
    return Promise.resolve();
  });
});

Deno.test("DiskReader says where less is left than was listed, or nothing", async () => {
  await inFolder((folder) => {
    Deno.writeFileSync(`${folder}/a`, noise(1, 100));
    using disk = new DiskReader();
    assert.throws(() => disk.read({ file: `${folder}/a`, offset: 95 }, 6), {
      message: "its file got shorter after it was listed",
    });
    assert.throws(() => disk.read({ file: `${folder}/b`, offset: 0 }, 1), {
      message: "no such file",
    });
    assert.equal(disk.read({ file: `${folder}/a`, offset: 0 }, 100).length, 100);
    return Promise.resolve();
  });
});
