import { deepEqual, equal, throws } from "node:assert/strict";
import {
  removeLeftovers,
  replaceFolderAtomically,
  writeAtomically,
  writeDurably,
} from "../../lib/files/atomic.ts";
import { inFolder } from "../_folder.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("writeAtomically() writes all chunks, from shared memory too, and replaces what was there", () =>
  inFolder((folder) => {
    const path = `${folder}/file`;
    writeAtomically(path, [bytes("old and long")]);
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(0x21);
    writeAtomically(path, [bytes("new"), new Uint8Array(), shared]);
    equal(Deno.readTextFileSync(path), "new!!");
    deepEqual(names(folder), ["file"]);
  }));

Deno.test("writeAtomically() writes chunks longer than one piece", () =>
  inFolder((folder) => {
    const chunk = new Uint8Array((8 << 20) + 5).map((_, i) => i % 253);
    writeAtomically(`${folder}/file`, [chunk]);
    deepEqual(Deno.readFileSync(`${folder}/file`), chunk);
  }));

Deno.test("writeAtomically() leaves the old file and nothing else when it fails", () =>
  inFolder((folder) => {
    const path = `${folder}/file`;
    writeAtomically(path, [bytes("old")]);
    function* failing() {
      yield bytes("ne");
      deepEqual(names(folder).length, 2);
      throw new RangeError("Cannot go on");
    }
    throws(() => writeAtomically(path, failing()), new RangeError("Cannot go on"));
    equal(Deno.readTextFileSync(path), "old");
    deepEqual(names(folder), ["file"]);
  }));

Deno.test("replaceFolderAtomically() shows the new folder only when it is whole", () =>
  inFolder((folder) => {
    const path = `${folder}/state`;
    const fill = (text: string) =>
      replaceFolderAtomically(path, (temporary) => {
        writeDurably(`${temporary}/a`, [bytes(text)]);
        if (text === "first") deepEqual(names(folder).includes("state"), false);
        else equal(Deno.readTextFileSync(`${path}/a`), "first");
      });
    fill("first");
    fill("second");
    equal(Deno.readTextFileSync(`${path}/a`), "second");
    deepEqual(names(folder), ["state"]);
  }));

Deno.test("replaceFolderAtomically() keeps the old folder when it fails", () =>
  inFolder((folder) => {
    const path = `${folder}/state`;
    replaceFolderAtomically(path, (temporary) => writeDurably(`${temporary}/a`, [bytes("old")]));
    const fail = (temporary: string) => {
      writeDurably(`${temporary}/a`, [bytes("new")]);
      throw new RangeError("Cannot go on");
    };
    throws(() => replaceFolderAtomically(path, fail), new RangeError("Cannot go on"));
    equal(Deno.readTextFileSync(`${path}/a`), "old");
    deepEqual(names(folder), ["state"]);
  }));

Deno.test("removeLeftovers() removes files and folders of interrupted writes only", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/.tmp-state-1`);
    for (const name of [".tmp-state-1/a", ".tmp-file-1", ".hidden", "file"]) {
      Deno.writeTextFileSync(`${folder}/${name}`, "");
    }
    deepEqual(removeLeftovers(folder), [".tmp-file-1", ".tmp-state-1"]);
    deepEqual(names(folder), [".hidden", "file"]);
    deepEqual(removeLeftovers(`${folder}/none`), []);
  }));
