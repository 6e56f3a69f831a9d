import assert from "node:assert/strict";
import { saveCheckpoint } from "../../lib/checkpoint/mod.ts";
import { DataError } from "../../lib/data/mod.ts";
import { ConfigError, parsePretrainConfig, resolvePretrain } from "../../lib/recipes/mod.ts";
import {
  createRun,
  type DatasetIdentity,
  discardRun,
  identifyDataset,
  readRun,
} from "../../lib/train/run_folder.ts";
import { VERSION } from "../../lib/train/version.ts";
import { inFolder } from "../_folder.ts";
import { writePacked } from "../data/packed.ts";

const CONFIG = resolvePretrain({ recipe: "demo", threads: 1 }, { imageSize: 32, trainCount: 640 });

const create = (run: string, dataset: DatasetIdentity, config = CONFIG) =>
  createRun(run, { command: "pretrain", config, dataset });
const read = (run: string, dataset: DatasetIdentity) =>
  readRun(run, { command: "pretrain", dataset, parse: parsePretrainConfig });

/** Runs `body` on a folder with a dataset in `data`, and nothing in `run`. */
function withDatasets(body: (paths: { data: string; run: string; other: string }) => void): void {
  inFolder((folder) => {
    const [data, other] = ["data", "other"].map((name) => {
      Deno.mkdirSync(`${folder}/${name}`);
      const height = name === "data" ? 9 : 8;
      writePacked(`${folder}/${name}`, { size: 4, images: [{ width: 9, height }] });
      return `${folder}/${name}`;
    });
    body({ data: data!, other: other!, run: `${folder}/runs/first` });
  });
}

Deno.test("readRun() gives back the configuration that createRun() wrote", () => {
  withDatasets(({ data, run }) => {
    const dataset = identifyDataset(data);
    assert.equal(read(run, dataset), null);
    create(run, dataset);
    assert.deepEqual(read(run, dataset), CONFIG);
    const json = JSON.parse(Deno.readTextFileSync(`${run}/config.json`));
    assert.deepEqual(json.config, CONFIG);
    assert.deepEqual(json.dataset, dataset);
    assert.equal(json.versions.ccmim, VERSION);
    assert.equal(json.versions.deno, Deno.version.deno);
    assert.match(json.versions.onnxruntime, /^\d+\.\d+\.\d+$/);
    assert.deepEqual([...Deno.readDirSync(run)].map(({ name }) => name), ["config.json"]);
  });
});

Deno.test("createRun() refuses a folder that holds a run, and leaves it as it is", () => {
  withDatasets(({ data, run }) => {
    const dataset = identifyDataset(data);
    create(run, dataset);
    const before = Deno.readTextFileSync(`${run}/config.json`);
    assert.throws(
      () => create(run, dataset, { ...CONFIG, seed: 9 }),
      new ConfigError(
        `Cannot start a run in ${run}: it already holds one; go on with --resume, or name another folder`,
      ),
    );
    assert.equal(Deno.readTextFileSync(`${run}/config.json`), before);
  });
});

Deno.test("createRun() refuses a folder that holds checkpoints, which a resume would take for its own", () => {
  withDatasets(({ data, run }) => {
    const dataset = identifyDataset(data);
    create(run, dataset);
    const position = { microBatch: 9 };
    saveCheckpoint(run, 9, { model: new Map(), state: new Map(), position });
    Deno.removeSync(`${run}/config.json`);
    assert.throws(
      () => create(run, dataset),
      new ConfigError(
        `Cannot start a run in ${run}: it holds checkpoints of a run whose config.json is gone; name another folder`,
      ),
    );
  });
});

Deno.test("readRun() refuses a run on another dataset, but not on the same one moved", () => {
  withDatasets(({ data, other, run }) => {
    create(run, identifyDataset(data));
    assert.throws(() => read(run, identifyDataset(other)), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /^Cannot resume .*first with --data .*other: the run was started on another dataset \(.*data, manifest [0-9a-f]{64}\), this manifest is [0-9a-f]{64}$/,
      );
      return true;
    });
    Deno.renameSync(data, `${data}-moved`);
    assert.deepEqual(read(run, identifyDataset(`${data}-moved`)), CONFIG);
  });
});

Deno.test("readRun() refuses a run of another command", () => {
  withDatasets(({ data, run }) => {
    const dataset = identifyDataset(data);
    create(run, dataset);
    const other = { command: "finetune", dataset, parse: () => assert.fail("is not read") };
    assert.throws(
      () => readRun(run, other),
      new ConfigError(
        `Cannot go on with ${run} as a run of ccmim finetune: it is one of ccmim pretrain`,
      ),
    );
  });
});

Deno.test("readRun() refuses a configuration that is damaged", () => {
  withDatasets(({ data, run }) => {
    const dataset = identifyDataset(data);
    create(run, dataset);
    const path = `${run}/config.json`;
    const text = Deno.readTextFileSync(path);
    const cases: [string, RegExp][] = [
      [text.slice(0, 100), /^Cannot read .*config\.json: /],
      ["", /^Cannot read .*config\.json: /],
      ["null", /^Cannot read .*config\.json: /],
      [text.replace(`"batch": 64`, `"batch": 0`), /config\.json: .*batch is wrong/],
      [text.replace(`"seed": 0,`, ""), /config\.json: .*seed is wrong/],
    ];
    for (const [damaged, message] of cases) {
      Deno.writeTextFileSync(path, damaged);
      assert.throws(() => read(run, dataset), { name: "DataError", message });
    }
  });
});

Deno.test("identifyDataset() says how to make a dataset where there is none", () => {
  withDatasets(({ run }) => {
    assert.throws(
      () => identifyDataset(run),
      new DataError(
        `Cannot read ${run} as a dataset: it has no manifest.json; make one with ccmim prepare`,
      ),
    );
  });
});

Deno.test("createRun() refuses a file, and a folder below one", () => {
  withDatasets(({ data }) => {
    const dataset = identifyDataset(data);
    for (const out of [`${data}/manifest.json`, `${data}/manifest.json/run`]) {
      assert.throws(() => create(out, dataset), {
        name: "ConfigError",
        message: `Cannot start a run in ${out}: a file has that name, or is on the way`,
      });
    }
  });
});

Deno.test("identifyDataset() refuses a file", () => {
  withDatasets(({ data }) => {
    const message =
      /^Cannot read .*manifest\.json as a dataset: it has no manifest\.json; make one/;
    assert.throws(() => identifyDataset(`${data}/manifest.json`), { name: "DataError", message });
  });
});

Deno.test("discardRun() takes back a run that never began, and nothing else", () => {
  withDatasets(({ data, run }) => {
    const dataset = identifyDataset(data);
    create(run, dataset);
    discardRun(run);
    assert.throws(() => Deno.statSync(run), Deno.errors.NotFound);

    Deno.mkdirSync(run);
    Deno.writeTextFileSync(`${run}/notes.txt`, "mine");
    create(run, dataset);
    discardRun(run);
    assert.deepEqual([...Deno.readDirSync(run)].map(({ name }) => name), ["notes.txt"]);

    create(run, dataset);
    Deno.writeTextFileSync(`${run}/metrics.jsonl`, "");
    discardRun(run);
    assert.deepEqual(read(run, dataset), CONFIG);
  });
});
