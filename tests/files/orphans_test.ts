import assert from "node:assert/strict";
import { removeOrphans } from "../../lib/files/mod.ts";
import { inFolder } from "../_folder.ts";

Deno.test({
  name: "removeOrphans() removes what processes that are gone left of a path, and nothing else",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      const child = new Deno.Command("true").spawn();
      await child.status;
      const kept = [`.tmp-a.npy-${Deno.ppid}`, `.tmp-b.npy-${child.pid}`, ".tmp-a.npy-x", "a.npy"];
      for (const name of [...kept, `.tmp-a.npy-${child.pid}`]) {
        Deno.writeTextFileSync(`${folder}/${name}`, "");
      }
      removeOrphans(`${folder}/a.npy`);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assert.deepEqual(names, kept.toSorted());
      removeOrphans(`${folder}/none/a.npy`);
    }),
});
