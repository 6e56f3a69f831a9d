import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openSources } from "../../lib/data/open_source.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "./_pictures.ts";
import { entriesOf, listed } from "./_sources.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/parquet", import.meta.url));

Deno.test("Parquet as Hugging Face writes it gives its images, classes and split", async () => {
  assert.deepEqual(await listed(`${FOLDER}/train-00000-of-00001.parquet`), [
    "00000000-0.jpg train/ant",
    "00000001-1.png train/zebra",
    "00000002-2.jpg train/ant (2)",
    "00000003-3.png train/ant",
    "00000004-4.jpg train/zebra",
    "00000005-5.png train/ant (2)",
    "00000006-6.jpg train/-",
  ]);
  const [classes, first] = await entriesOf(`${FOLDER}/train-00000-of-00001.parquet`);
  assert.deepEqual(classes, { kind: "classes", names: ["zebra", "ant", "ant", "empty"] });
  assert.deepEqual(first!.bytes!.slice(0, 3), Uint8Array.of(0xff, 0xd8, 0xff));
});

Deno.test("Parquet gives images as plain bytes, text as labels; an image that is missing is bad", async () => {
  assert.deepEqual(await listed(`${FOLDER}/plain.parquet`), [
    "00000000 train/b",
    "00000001 !no bytes of an image in its row",
    "00000002 train/a",
  ]);
});

Deno.test("a folder of Parquet files is all of them", async () => {
  await inFolder(async (folder) => {
    const names = ["train-00000-of-00001.parquet", "validation-00000-of-00001.parquet"];
    for (const name of names) Deno.copyFileSync(`${FOLDER}/${name}`, `${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/README.md`, "about");
    const sources = await openSources([folder]);
    assert.deepEqual(sources.map(({ split }) => split), ["train", "val"]);
    assert.deepEqual(await listed(sources[1]!), [
      "00000000-0.jpg val/zebra",
      "00000001-1.png val/ant",
    ]);
  });
});

Deno.test("Parquet files without images, or damaged, are refused", async () => {
  assert.equal(
    await thrown(() => listed(`${FOLDER}/none.parquet`)),
    `DataError: Cannot use ${FOLDER}/none.parquet: none of its columns holds images: text, number`,
  );
  await inFolder(async (folder) => {
    const whole = Deno.readFileSync(`${FOLDER}/train-00000-of-00001.parquet`);
    Deno.writeFileSync(`${folder}/cut.parquet`, whole.subarray(0, 2000));
    const damaged = whole.slice();
    damaged.fill(0xaa, 100, 1400);
    Deno.writeFileSync(`${folder}/damaged.parquet`, damaged);
    for (const name of ["cut", "damaged"]) {
      const error = await thrown(() => listed(`${folder}/${name}.parquet`));
      assert.match(error, /^DataError: Cannot read .*\.parquet as Parquet: \S/, name);
    }
  });
});
