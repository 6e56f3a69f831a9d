import { deepEqual, equal, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type CheckpointContent,
  latestCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../../lib/checkpoint/mod.ts";
import { DataError } from "../../lib/data/mod.ts";
import { inFolder } from "../_folder.ts";

const content: CheckpointContent = {
  model: new Map([
    ["cls_token", {
      dtype: "float32",
      shape: [1, 1, 2],
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    }],
  ]),
  state: new Map([
    ["moment1", { dtype: "uint8", shape: [3], data: Uint8Array.of(7, 8, 9) }],
    ["count", { dtype: "int64", shape: [], data: new Uint8Array(8) }],
  ]),
  position: { microBatch: 200, epoch: 2, schedule: { warmup: [1, 2.5, null] } },
};

const FILES = ["model.safetensors", "position.json", "state.safetensors"];
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("saveCheckpoint() writes what loadCheckpoint() reads", () =>
  inFolder((run) => {
    const place = saveCheckpoint(run, 100, content);
    deepEqual(place, { path: `${run}/checkpoints/step-00000100`, step: 100 });
    deepEqual(names(place.path), FILES);
    deepEqual(names(`${run}/checkpoints`), ["step-00000100"]);
    const { model, state, position } = loadCheckpoint(place.path);
    deepEqual(model, { metadata: { format: "pt" }, tensors: content.model });
    deepEqual(new Map([...state.tensors].sort()), new Map([...content.state].sort()));
    deepEqual(position, { step: 100, ...content.position });
  }));

Deno.test("saveCheckpoint() writes equal bytes for equal content", () =>
  inFolder((run) => {
    const one = saveCheckpoint(`${run}/one`, 3, content).path;
    const state = new Map([...content.state].toReversed());
    const two = saveCheckpoint(`${run}/two`, 3, { ...content, state }).path;
    for (const name of FILES) {
      const read = (path: string) => Buffer.from(Deno.readFileSync(`${path}/${name}`));
      equal(read(one).equals(read(two)), true, name);
    }
  }));

Deno.test("saveCheckpoint() replaces a checkpoint of the same step", () =>
  inFolder((run) => {
    saveCheckpoint(run, 3, content);
    const { path } = saveCheckpoint(run, 3, { ...content, position: { microBatch: 6 } });
    deepEqual(loadCheckpoint(path).position, { step: 3, microBatch: 6 });
    deepEqual(names(`${run}/checkpoints`), ["step-00000003"]);
  }));

Deno.test("saveCheckpoint() writes nothing when a tensor or the position does not fit", () =>
  inFolder((run) => {
    const model = new Map(
      [["w", { dtype: "float32", shape: [2], data: new Uint8Array(4) }]] as const,
    );
    throws(() => saveCheckpoint(run, 1, { ...content, model }), TypeError);
    throws(
      () => saveCheckpoint(run, 1, { ...content, position: { microBatch: 1, files: {} } }),
      new TypeError(`Cannot store "files" in a position: the checkpoint writes that field`),
    );
    throws(
      () => saveCheckpoint(run, 1, { ...content, position: { microBatch: -1 } }),
      new RangeError("Cannot save a checkpoint at micro-batch -1: it must be a whole number >= 0"),
    );
    throws(
      () => saveCheckpoint(run, 0.5, content),
      new RangeError("Cannot save a checkpoint at step 0.5: it must be a whole number >= 0"),
    );
    equal(latestCheckpoint(run), null);
  }));

Deno.test("loadCheckpoint() rejects a checkpoint that was changed", () =>
  inFolder((run) => {
    const { path } = saveCheckpoint(run, 1, content);
    const file = `${path}/state.safetensors`;
    const bytes = Deno.readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    Deno.writeFileSync(file, bytes);
    throws(() => loadCheckpoint(path), (error) => {
      return error instanceof DataError &&
        /^Cannot use .*state\.safetensors: its sha256 is [0-9a-f]{64}, and position\.json says [0-9a-f]{64}; the file was changed or damaged$/
          .test(error.message);
    });
    Deno.writeFileSync(file, bytes.subarray(1));
    throws(() => loadCheckpoint(path), /its bytes is/);
  }));

Deno.test("loadCheckpoint() rejects a missing file and a position that is none", () =>
  inFolder((run) => {
    throws(
      () => loadCheckpoint(`${run}/none`),
      new DataError(`Cannot read ${run}/none/position.json: there is no such file`),
    );
    const { path } = saveCheckpoint(run, 1, content);
    const file = `${path}/position.json`;
    const text = Deno.readTextFileSync(file);
    for (
      const [damaged, message] of [
        [text.slice(0, -3), /position\.json as JSON: /],
        [text.replace("checkpoint-1", "checkpoint-2"), /as a position: .*ccmim-checkpoint-1/],
        [text.replace(`"microBatch": 200`, `"microBatch": -1`), /as a position: /],
        [text.replace(/"sha256": "./, `"sha256": "`), /as a position: /],
      ] as const
    ) {
      Deno.writeTextFileSync(file, damaged);
      throws(() => loadCheckpoint(path), { name: "DataError", message });
    }
    Deno.writeTextFileSync(file, text);
    Deno.removeSync(`${path}/model.safetensors`);
    throws(() => loadCheckpoint(path), /model\.safetensors: there is no such file$/);
  }));
