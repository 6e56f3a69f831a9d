import assert from "node:assert/strict";
import { verifyDataset } from "../../lib/data/verify.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "./_pictures.ts";
import { writePacked } from "./packed.ts";

const packed = {
  size: 8,
  images: Array.from({ length: 10 }, () => ({ width: 9, height: 9 })),
  perShard: 4,
};

Deno.test("verifyDataset() finds nothing wrong with a whole dataset, and names other files", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    Deno.writeTextFileSync(`${folder}/notes.txt`, "mine");
    Deno.writeTextFileSync(`${folder}/contact-sheet.png`, "");
    const seen: number[] = [];
    const result = verifyDataset(folder, { onProgress: ({ done }) => void seen.push(done) });
    assert.equal(result.files, 4);
    assert.deepEqual(result.damaged, []);
    assert.deepEqual(result.unlisted, ["notes.txt"]);
    assert.deepEqual([seen[0], seen.at(-1)], [0, result.bytes]);
  });
});

Deno.test("verifyDataset() lists every file that is damaged, cut short, missing or no file", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    const bytes = Deno.readFileSync(`${folder}/train-0.bin`);
    bytes[100]! ^= 1;
    Deno.writeFileSync(`${folder}/train-0.bin`, bytes);
    Deno.truncateSync(`${folder}/train-1.bin`, 500);
    Deno.removeSync(`${folder}/train-2.bin`);
    Deno.removeSync(`${folder}/train-index.bin`);
    Deno.mkdirSync(`${folder}/train-index.bin`);
    assert.deepEqual(verifyDataset(folder).damaged, [
      { file: "train-index.bin", reason: "not a file" },
      { file: "train-0.bin", reason: "its checksum is not the manifest's" },
      { file: "train-1.bin", reason: "500 bytes in place of 832" },
      { file: "train-2.bin", reason: "missing" },
    ]);
  });
});

Deno.test("verifyDataset() finds a manifest that is not that of its files", async () => {
  await inFolder((folder) => {
    writePacked(folder, packed);
    const file = `${folder}/manifest.json`;
    const text = Deno.readTextFileSync(file);
    Deno.writeTextFileSync(file, text.replace(`"count": 10`, `"count": 9`));
    const [{ file: named, reason } = { file: "", reason: "" }] = verifyDataset(folder).damaged;
    assert.equal(named, "manifest.json");
    assert.match(reason, /it has 10 samples, the manifest says 9$/);
  });
});

Deno.test("verifyDataset() refuses what is no dataset, or a newer one", async () => {
  await inFolder(async (folder) => {
    assert.match(
      await thrown(() => verifyDataset(folder)),
      /^DataError: .*manifest.json is missing$/,
    );
    writePacked(folder, packed);
    const file = `${folder}/manifest.json`;
    const text = Deno.readTextFileSync(file).replace(`"version": 2`, `"version": 3`);
    Deno.writeTextFileSync(file, text);
    assert.match(await thrown(() => verifyDataset(folder)), /version 3 is newer than 2/);
  });
});
