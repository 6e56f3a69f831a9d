/** `ccmim embed` with runs and exported models, through the real library. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { parseNpy } from "../../lib/checkpoint/mod.ts";
import { buildModel, type OutputName, writeModel } from "../../lib/export/mod.ts";
import { input, neg } from "../../lib/graph/mod.ts";
import { emit } from "../../lib/onnx/mod.ts";
import { arrayOver } from "../../lib/tensor/mod.ts";
import { TINY_FLAGS } from "../../tasks/tiny.ts";
import { assertClose } from "../_assert.ts";
import { picture, pictures, writeTree } from "../data/_pictures.ts";
import { CLASSES, drawnSource } from "../export/_source.ts";
import { writeDataset } from "../train/_dataset.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const MICRO = `${TINY_FLAGS} --warmup 1 --steps 2 --device cpu`;
const QUICK = "--threads 1 --workers 1 --decoder jpeg-js --device cpu";

let folder = "";
Deno.test.beforeAll(async () => {
  folder = Deno.makeTempDirSync();
  writeDataset(`${folder}/data`, { size: 8, train: 12, val: 4 });
  writeDataset(`${folder}/large`, { size: 20, train: 12, val: 4 });
  writeTree(`${folder}/in`, pictures(["cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "3.jpg"]));
  for (
    const line of [
      `pretrain --data ${folder}/data --out ${folder}/run ${MICRO}`,
      `export --checkpoint ${folder}/run --out ${folder}/encoder.onnx --threads 1`,
      `export --checkpoint ${folder}/run --out ${folder}/planes.onnx --input float32 --threads 1`,
    ]
  ) {
    const { code, err } = await call(line);
    assert.equal(code, 0, err);
  }
  writeClassifier("classifier.onnx", ["logits"]);
});
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

function writeClassifier(name: string, outputs: OutputName[]): void {
  const options = { input: "uint8", outputs, dtype: "float32", quantize: null } as const;
  const model = buildModel(drawnSource({ classes: true }), options);
  using written = writeModel(model, `${folder}/${name}`);
  written.commit();
}

async function call(line: string) {
  const terminal = new FakeTerminal();
  const code = await main(line.split(" "), { commands: COMMANDS, terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

const embed = (line: string) => call(`embed ${line} ${QUICK}`.replaceAll("@", folder));

function features(
  name: string,
): { shape: readonly number[]; values: Float32Array; names: string[] } {
  const { shape, data } = parseNpy(Deno.readFileSync(`${folder}/${name}.npy`));
  const names = JSON.parse(Deno.readTextFileSync(`${folder}/${name}.names.json`));
  return { shape, values: arrayOver("float32", data), names };
}

const there = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("ccmim embed writes the same features from a run and from its exported models", async () => {
  const models = {
    run: "--checkpoint @/run",
    onnx: "--model @/encoder.onnx --batch 3",
    planes: "--model @/planes.onnx",
  };
  for (const [name, model] of Object.entries(models)) {
    const { code, out, err } = await embed(`@/in ${model} --out @/${name}.npy`);
    assert.equal(code, 0, err);
    assert.match(out, /^Embedded 4 images at 8 x 8 in .* images\/s, cpu\)$/m);
    assert.match(out, /^Written: .*\.npy, .*\.names\.json \(16 numbers an image\)$/m);
    assert.match(err, /^Embedding 4 images/m);
  }
  const [run, onnx, planes] = Object.keys(models).map(features);
  assert.deepEqual(run!.shape, [4, 16]);
  assert.deepEqual(run!.names, ["3.jpg", "cat/1.jpg", "cat/2.jpg", "dog/1.jpg"]);
  for (const other of [onnx!, planes!]) {
    assert.deepEqual(other.names, run!.names);
    assertClose(other.values, run!.values, 1e-5);
  }
  const rows = [0, 1].map((i) => run!.values.subarray(i * 16, (i + 1) * 16));
  assert.notDeepEqual(rows[0], rows[1], "images differ");
});

Deno.test("ccmim embed reads a packed dataset, one split or all", async () => {
  const all = JSON.parse((await embed("@/data --checkpoint @/run --out @/all.npy --json")).out);
  assert.deepEqual([all.images, all.width, all.size, all.bad], [16, 16, 8, []]);
  const { code, err } = await embed(
    "@/data --checkpoint @/run --out @/val.npy --split val --batch 3",
  );
  assert.equal(code, 0, err);
  assert.match(err, /^Embedding 4\/4 images \(100%\)/m);
  const [whole, val] = [features("all"), features("val")];
  assert.deepEqual(val.shape, [4, 16]);
  assert.deepEqual(val.names, whole.names.slice(12));
  assertClose(val.values, whole.values.subarray(12 * 16), 1e-5);
  // The mean of the patches is something else; larger records are cropped
  assert.equal((await embed("@/data --checkpoint @/run --out @/mean.npy --pool mean")).code, 0);
  assert.notDeepEqual(features("mean").values, whole.values);
  assert.equal((await embed("@/large --checkpoint @/run --out @/large.npy")).code, 0);
  assert.deepEqual(features("large").shape, [16, 16]);
});

Deno.test("ccmim embed --classify prints labels and probabilities, or writes them", async () => {
  const { code, out, err } = await embed("@/in --model @/classifier.onnx --classify --top 2");
  assert.equal(code, 0, err);
  const lines = out.split("\n");
  const label = `(${CLASSES.join("|")}) \\d+\\.\\d%`;
  assert.match(lines[0]!, new RegExp(`^3\\.jpg: ${label}, ${label}$`));
  assert.match(lines[4]!, /^Classified 4 images/);
  const json = JSON.parse((await embed("@/in --model @/classifier.onnx --classify --json")).out);
  assert.equal(json.predictions.length, 4);
  for (const { predictions } of json.predictions) {
    assert.equal(predictions.length, CLASSES.length, "there are but three");
    const sum = predictions.reduce((total: number, p: { probability: number }) => {
      return total + p.probability;
    }, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  }
  const file = `${folder}/labels.jsonl`;
  assert.equal((await embed(`@/in --model @/classifier.onnx --classify --out ${file}`)).code, 0);
  const rows = Deno.readTextFileSync(file).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(rows, json.predictions);
});

Deno.test("ccmim embed names and skips bad images, up to --max-bad", async () => {
  const files = { ...pictures(["1.jpg", "2.jpg"]), "bad.jpg": picture(3, 9, 9).slice(0, 300) };
  writeTree(`${folder}/some`, files);
  const before = there();
  const refused = await embed("@/some --checkpoint @/run --out @/some.npy");
  assert.equal(refused.code, 3);
  assert.match(
    refused.err,
    /Cannot use the source: 1 of its 3 images are bad, and --max-bad allows 1%: bad\.jpg \(.+\)$/m,
  );
  const strict = await embed("@/some --checkpoint @/run --out @/some.npy --strict --max-bad 1");
  assert.equal(strict.code, 3);
  assert.match(strict.err, /Cannot use bad\.jpg: /);
  assert.deepEqual(there(), before, "nothing was written");
  const borne = await embed("@/some --checkpoint @/run --out @/some.npy --max-bad 0.5");
  assert.equal(borne.code, 0, borne.err);
  assert.match(borne.err, /^warning: skipped bad\.jpg: /m);
  assert.match(borne.out, /^1 bad image was skipped$/m);
  assert.deepEqual(features("some").names, ["1.jpg", "2.jpg"]);
});

const WRONG: Readonly<Record<string, readonly [string, number, RegExp]>> = {
  "no model": ["@/in --out @/w.npy", 2, /give either --checkpoint or --model/],
  "two models": [
    "@/in --out @/w.npy --checkpoint @/run --model @/encoder.onnx",
    2,
    /give either --checkpoint or --model/,
  ],
  "no file": ["@/in --checkpoint @/run", 2, /Cannot embed without --out/],
  "a file of another kind": [
    "@/in --checkpoint @/run --out @/w.csv",
    2,
    /its name must end in \.npy, \.parquet, \.jsonl/,
  ],
  "labels in .npy": [
    "@/in --model @/classifier.onnx --classify --out @/w.npy",
    2,
    /Cannot write labels to .*w\.npy/,
  ],
  "no folder": [
    "@/in --checkpoint @/run --out @/run/config.json/w.npy",
    2,
    /config\.json is no folder$/m,
  ],
  "no head": [
    "@/in --checkpoint @/run --classify",
    2,
    /Cannot classify with .*run: it has no head/,
  ],
  "no scores": [
    "@/in --model @/encoder.onnx --classify",
    3,
    /it has no output logits, but cls, patch_tokens, pooled/,
  ],
  "no features": [
    "@/in --model @/classifier.onnx --out @/w.npy",
    3,
    /it has no output cls, but logits/,
  ],
  "a split of what has none": [
    "@/in --checkpoint @/run --split val --out @/w.npy",
    2,
    /Cannot use --split with in: it is no packed dataset/,
  ],
  "a split that is not there": [
    "@/data --checkpoint @/run --split test --out @/w.npy",
    3,
    /Cannot use split "test"/,
  ],
  "no images": ["@/run --checkpoint @/run --out @/w.npy", 3, /Cannot find any image in/],
  "no source": ["@/none --checkpoint @/run --out @/w.npy", 3, /there is no such file or folder/],
  "no ONNX file": [
    "@/in --model @/none.onnx --out @/w.npy",
    3,
    /Cannot read .*none\.onnx: there is/,
  ],
  "a file that is no ONNX": [
    "@/in --model @/run/config.json --out @/w.npy",
    3,
    /Cannot use .*config\.json as an exported model: ONNX Runtime does not open it/,
  ],
  "order of features": [
    "@/in --checkpoint @/run --out @/w.npy --top 3",
    2,
    /Cannot use --top without/,
  ],
  "a pool of a classifier": [
    "@/in --model @/classifier.onnx --classify --pool mean",
    2,
    /Cannot use --pool with --classify/,
  ],
};
for (const [what, [line, expected, message]] of Object.entries(WRONG)) {
  Deno.test(`ccmim embed ends with ${expected} for ${what}, and writes nothing`, async () => {
    const before = there();
    const { code, err } = await embed(line);
    assert.equal(code, expected, err);
    assert.match(err, message);
    assert.deepEqual(there(), before);
  });
}

Deno.test("ccmim embed refuses a model that takes something else", async () => {
  const other = emit({ cls: neg(input("x", "float32", [1, 4])) }, { name: "other" });
  Deno.writeFileSync(`${folder}/other.onnx`, other);
  const { code, err } = await embed("@/in --model @/other.onnx --out @/w.npy");
  assert.equal(code, 3);
  assert.match(
    err,
    /other\.onnx as an exported model: it takes x float32 \[1, 4\], not images uint8/,
  );
});

Deno.test("ccmim embed replaces a file with --force only", async () => {
  Deno.writeTextFileSync(`${folder}/old.names.json`, "old");
  const refused = await embed("@/in --checkpoint @/run --out @/old.npy");
  assert.equal(refused.code, 2);
  assert.match(refused.err, /Cannot write .*old\.names\.json: it exists; use --force/);
  assert.equal((await embed("@/in --checkpoint @/run --out @/old.npy --force")).code, 0);
  assert.equal(features("old").names.length, 4);
});
