import assert from "node:assert/strict";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { parseNpy } from "../../lib/checkpoint/mod.ts";
import { filesOf, openWriter } from "../../lib/embed/row_writer.ts";
import { arrayOver } from "../../lib/tensor/mod.ts";
import { inFolder } from "../_folder.ts";

const WIDTH = 3;
/** More rows than a row group of Parquet has, in batches that do not fit it. */
const COUNT = 2500, BATCH = 700;

const nameOf = (i: number) => `folder "${i}"/ä,${i}.jpg`;
const valueOf = (i: number) => i / 8; // exact in float32 and in JSON

function writeFeatures(path: string, { finish = true } = {}): void {
  using writer = openWriter(path, {
    width: WIDTH,
    predictions: false,
    metadata: { output: "cls" },
  });
  for (let first = 0; first < COUNT; first += BATCH) {
    const rows = Math.min(BATCH, COUNT - first);
    const names = Array.from({ length: rows }, (_, i) => nameOf(first + i));
    const features = Float32Array.from(
      { length: rows * WIDTH },
      (_, i) => valueOf(first * WIDTH + i),
    );
    writer.write({ names, features });
  }
  if (finish) writer.finish();
}

const PREDICTIONS = [
  [{ label: "cat", probability: 0.75 }, { label: "dog", probability: 0.25 }],
  [{ label: "dog", probability: 0.5 }, { label: "a, b", probability: 0.25 }],
];

const EXPECTED = Array.from({ length: COUNT }, (_, i) => ({
  path: nameOf(i),
  features: Array.from({ length: WIDTH }, (_, k) => valueOf(i * WIDTH + k)),
}));

Deno.test("a .npy file holds the features, and the names lie beside it", async () => {
  await inFolder((folder) => {
    writeFeatures(`${folder}/f.npy`);
    const { dtype, shape, data } = parseNpy(Deno.readFileSync(`${folder}/f.npy`));
    assert.deepEqual([dtype, shape], ["float32", [COUNT, WIDTH]]);
    const values = arrayOver("float32", data);
    assert.deepEqual([...values], EXPECTED.flatMap(({ features }) => features));
    const names = JSON.parse(Deno.readTextFileSync(`${folder}/f.names.json`));
    assert.deepEqual(names, EXPECTED.map(({ path }) => path));
    assert.deepEqual([...Deno.readDirSync(folder)].length, 2);
  });
});

Deno.test("a .jsonl file holds an object an image", async () => {
  await inFolder((folder) => {
    writeFeatures(`${folder}/f.jsonl`);
    const lines = Deno.readTextFileSync(`${folder}/f.jsonl`).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line)), EXPECTED);
  });
});

Deno.test("a .parquet file holds a row an image, in several groups, and says what it is", async () => {
  await inFolder(async (folder) => {
    writeFeatures(`${folder}/f.parquet`);
    const file = await asyncBufferFromFile(`${folder}/f.parquet`);
    assert.deepEqual(await parquetReadObjects({ file }), EXPECTED);
    const { row_groups, key_value_metadata } = await parquetMetadataAsync(file);
    assert.ok(row_groups.length > 1);
    assert.deepEqual(key_value_metadata, [{ key: "output", value: "cls" }]);
  });
});

Deno.test("labels and probabilities go to .jsonl and .parquet", async () => {
  await inFolder(async (folder) => {
    for (const format of ["jsonl", "parquet"]) {
      using writer = openWriter(`${folder}/p.${format}`, {
        width: 3,
        predictions: true,
        metadata: {},
      });
      writer.write({ names: ["1.jpg", "2.jpg"], predictions: PREDICTIONS });
      writer.finish();
    }
    const lines = Deno.readTextFileSync(`${folder}/p.jsonl`).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line)), [
      { path: "1.jpg", predictions: PREDICTIONS[0] },
      { path: "2.jpg", predictions: PREDICTIONS[1] },
    ]);
    const file = await asyncBufferFromFile(`${folder}/p.parquet`);
    assert.deepEqual(await parquetReadObjects({ file }), [
      { path: "1.jpg", labels: ["cat", "dog"], probabilities: [0.75, 0.25] },
      { path: "2.jpg", labels: ["dog", "a, b"], probabilities: [0.5, 0.25] },
    ]);
  });
});

Deno.test("a writer that is not finished leaves nothing, and what was there", async () => {
  await inFolder((folder) => {
    for (const name of ["f.npy", "f.jsonl", "f.parquet"]) {
      Deno.writeTextFileSync(`${folder}/${name}`, "old");
      writeFeatures(`${folder}/${name}`, { finish: false });
      assert.equal(Deno.readTextFileSync(`${folder}/${name}`), "old");
    }
    assert.deepEqual([...Deno.readDirSync(folder)].length, 3);
  });
});

Deno.test("filesOf() knows three formats, and that .npy holds no labels", () => {
  assert.deepEqual(filesOf("a/f.npy", { predictions: false }), ["a/f.npy", "a/f.names.json"]);
  assert.deepEqual(filesOf("f.jsonl", { predictions: true }), ["f.jsonl"]);
  assert.throws(() => filesOf("f.csv", { predictions: false }), {
    name: "ConfigError",
    message: "Cannot write f.csv: its name must end in .npy, .parquet, .jsonl",
  });
  assert.throws(() => filesOf("f.npy", { predictions: true }), {
    name: "ConfigError",
    message: "Cannot write labels to f.npy: .npy holds numbers; give a .jsonl or .parquet file",
  });
});
