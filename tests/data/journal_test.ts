import assert from "node:assert/strict";
import { JOURNAL, Journal } from "../../lib/data/journal.ts";
import { inFolder } from "../_folder.ts";

const facts = { plan: "0".repeat(64), candidates: 3 };
const image = (place: number) => ({
  place,
  at: 12 * place,
  length: 12,
  crc: 0,
  fileBytes: 100 + place,
  sha256: new Uint8Array(32).fill(place),
  sums: [1, 2, 3, 4, 5, 6],
});

/** Numbers of the images that are noted in a folder. */
function noted(folder: string): number[] {
  using journal = new Journal(folder, facts, () => assert.fail("it is of the same plan"));
  return [...journal.packed.noted()];
}

Deno.test("Journal.flush() notes what was added before it, once that is on the disk", async () => {
  await inFolder(async (folder) => {
    using journal = new Journal(folder, facts, () => {});
    journal.add(0, image(0));
    const disk = Promise.withResolvers<void>();
    const flushed = journal.flush(() => disk.promise);
    journal.add(2, image(2));
    assert.deepEqual(noted(folder), []);
    disk.resolve();
    await flushed;
    assert.deepEqual(noted(folder), [0]);
    await journal.flush(() => Promise.resolve());
    assert.deepEqual(noted(folder), [0, 2]);
  });
});

Deno.test("Journal.flush() notes nothing where the disk fails", async () => {
  await inFolder(async (folder) => {
    using journal = new Journal(folder, facts, () => {});
    journal.add(1, image(1));
    await assert.rejects(journal.flush(() => Promise.reject(new Error("no space left"))), {
      message: "no space left",
    });
    assert.deepEqual(noted(folder), []);
  });
});

Deno.test("a journal of another plan is begun anew, and what it noted is removed", async () => {
  await inFolder(async (folder) => {
    {
      using journal = new Journal(folder, facts, () => {});
      journal.add(0, image(0));
      await journal.flush(() => Promise.resolve());
    }
    let cleared = 0;
    using journal = new Journal(folder, { ...facts, plan: "1".repeat(64) }, () => {
      cleared++;
      Deno.removeSync(`${folder}/${JOURNAL}`);
    });
    assert.ok(journal.isNew);
    assert.equal(cleared, 1);
    assert.deepEqual([...journal.packed.noted()], []);
  });
});
