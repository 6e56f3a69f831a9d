import assert from "node:assert/strict";
import { exists, isFile, isFolder } from "../../lib/files/mod.ts";

Deno.test("exists(), isFile() and isFolder() tell files, folders, links and nothing apart", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const file = `${folder}/file`;
    Deno.writeTextFileSync(file, "");
    Deno.symlinkSync(file, `${folder}/to-file`);
    Deno.symlinkSync(folder, `${folder}/to-folder`);
    Deno.symlinkSync(`${folder}/nothing`, `${folder}/to-nothing`);
    const told = (path: string) => [exists(path), isFile(path), isFolder(path)];
    assert.deepEqual(told(file), [true, true, false]);
    assert.deepEqual(told(folder), [true, false, true]);
    assert.deepEqual(told(`${folder}/to-file`), [true, true, false]);
    assert.deepEqual(told(`${folder}/to-folder`), [true, false, true]);
    assert.deepEqual(told(`${folder}/to-nothing`), [true, false, false]);
    assert.deepEqual(told(`${folder}/nothing`), [false, false, false]);
    assert.deepEqual(told(`${file}/below`), [false, false, false], "a file is on the way");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
