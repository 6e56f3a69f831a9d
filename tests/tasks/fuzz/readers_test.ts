import assert from "node:assert/strict";
import { mutated } from "../../../tasks/fuzz/mutate.ts";
import { tryInput } from "../../../tasks/fuzz/reader.ts";
import { READERS } from "../../../tasks/fuzz/readers.ts";
import { inFolder } from "../../_folder.ts";

/** Inputs for each reader; `deno task fuzz` gives them thousands, each reader in a process of its own. */
const INPUTS = 200;

for (const reader of READERS) {
  Deno.test(`the reader of ${reader.name} accepts or refuses ${INPUTS} damaged files`, async () => {
    await inFolder(async (work) => {
      const valid = await reader.valid(`${work}/valid`);
      for (const files of valid) {
        const verdict = await tryInput(reader, files, `${work}/input`);
        assert.equal(verdict.kind, "accepted", verdict.text);
      }
      const counts = { accepted: 0, refused: 0, failed: 0 };
      for (let number = 0; number < INPUTS; number++) {
        const files = mutated(valid, reader.dialect, { seed: 7, number });
        const verdict = await tryInput(reader, files, `${work}/input`);
        counts[verdict.kind]++;
        assert.notEqual(verdict.kind, "failed", `input ${number} of seed 7: ${verdict.text}`);
      }
      assert.ok(counts.refused > INPUTS / 20, "damage is noticed");
    });
  });
}
