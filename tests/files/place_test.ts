import assert from "node:assert/strict";
import {
  checkFilePlace,
  checkFolderPlace,
  checkPlace,
  temporaryFor,
  writeAtomically,
  WriteError,
} from "../../lib/files/mod.ts";
import { inFolder } from "../_folder.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("checkPlace() takes a path whose folders are missing, and makes nothing", () =>
  inFolder((folder) => {
    checkPlace(`${folder}/a/b/c`);
    checkPlace(`${folder}/a`);
    assert.deepEqual(names(folder), []);
  }));

Deno.test("checkPlace() refuses a path with a file on the way", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    assert.throws(() => checkPlace(`${folder}/file/a/b`), {
      name: "ConfigError",
      message: `Cannot write ${folder}/file/a/b: ${folder}/file is no folder`,
    });
  }));

Deno.test({
  name: "checkPlace() refuses what the system does not let be written",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assert.throws(() => checkPlace("/proc/ccmim/out"), {
      name: "EnvironmentError",
      message:
        /^Cannot write \/proc\/ccmim\/out: (nothing can be made in \/proc|permission denied)$/,
    });
    assert.throws(() => checkPlace("/sys/kernel/out"), WriteError);
  },
});

Deno.test({
  name: "checkFolderPlace() looks into a folder that is there, and beside one that is not",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder((folder) => {
      checkFolderPlace(folder);
      checkFolderPlace(`${folder}/new`);
      assert.deepEqual(names(folder), []);
      assert.throws(() => checkFolderPlace("/sys/kernel"), WriteError);
      assert.throws(() => checkFolderPlace("/sys/kernel/new"), WriteError);
    }),
});

Deno.test("checkFilePlace() refuses a folder, and a file that may not be replaced", () =>
  inFolder((folder) => {
    const file = `${folder}/file`;
    checkFilePlace(file, { force: false });
    Deno.writeTextFileSync(file, "");
    assert.throws(() => checkFilePlace(file, { force: false }), {
      name: "ConfigError",
      message: `Cannot write ${file}: it exists; use --force to replace it`,
    });
    checkFilePlace(file, { force: true });
    assert.throws(() => checkFilePlace(folder, { force: true }), {
      message: `Cannot write ${folder}: it is a folder`,
    });
  }));

Deno.test("temporaryFor() and what writes make the folders on the way", () =>
  inFolder((folder) => {
    assert.match(temporaryFor(`${folder}/a/b/c`), /\/a\/b\/\.tmp-c-\d+$/);
    assert.deepEqual(names(`${folder}/a/b`), []);
    writeAtomically(`${folder}/x/y/file`, [new Uint8Array(3)]);
    assert.deepEqual(names(`${folder}/x/y`), ["file"]);
  }));
