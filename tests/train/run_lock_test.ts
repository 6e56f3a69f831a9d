import assert from "node:assert/strict";
import { hostname } from "node:os";
import { LOCK, lockRun } from "../../lib/train/run_lock.ts";
import { inFolder } from "../_folder.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test(
  "lockRun() refuses a second run in one folder, until the first has ended",
  () =>
    inFolder((folder) => {
      const out = `${folder}/runs/a`;
      {
        using _first = lockRun(out);
        assert.throws(() => lockRun(out), {
          name: "LockedError",
          message: `Cannot write ${out}: process ${Deno.pid} on ${hostname()} is writing it; ` +
            "wait for it, or end it",
        });
      }
      using _second = lockRun(out);
      assert.deepEqual(names(out), [LOCK]);
    }),
);

Deno.test(
  "lockRun() takes back the folder that it made, if nothing came into it",
  () =>
    inFolder((folder) => {
      lockRun(`${folder}/a`)[Symbol.dispose]();
      assert.deepEqual(names(folder), []);
      Deno.mkdirSync(`${folder}/mine`);
      lockRun(`${folder}/mine`)[Symbol.dispose]();
      assert.deepEqual(names(folder), ["mine"]);
      {
        using _lock = lockRun(`${folder}/b`);
        Deno.writeTextFileSync(`${folder}/b/config.json`, "{}");
      }
      assert.deepEqual(names(`${folder}/b`), ["config.json"]);
    }),
);

Deno.test(
  "lockRun() tells of a lock that a dead process has left",
  () =>
    inFolder((folder) => {
      Deno.writeTextFileSync(`${folder}/${LOCK}`, '{"pid": 4194305, "host": "there"}');
      const told: string[] = [];
      using _lock = lockRun(folder, (text) => told.push(text));
      assert.deepEqual(told, [
        `${folder} was left by process 4194305 on there, which has ended; taken over`,
      ]);
    }),
);

Deno.test(
  "lockRun() leaves it to others to refuse a file in its place",
  () =>
    inFolder((folder) => {
      Deno.writeTextFileSync(`${folder}/file`, "");
      using _file = lockRun(`${folder}/file`);
      using _below = lockRun(`${folder}/file/below`);
      assert.deepEqual(names(folder), ["file"]);
    }),
);
