import assert from "node:assert/strict";
import { encodeNpy, encodeSafetensors, saveCheckpoint } from "../../lib/checkpoint/mod.ts";
import { DataError } from "../../lib/data/mod.ts";
import { cast, constant, input, matmul } from "../../lib/graph/mod.ts";
import { inspect, type Inspection } from "../../lib/inspect/mod.ts";
import { emit, encode } from "../../lib/onnx/mod.ts";
import { inFolder } from "../_folder.ts";
import { writePacked } from "../data/packed.ts";

/** What is found, as the kind that is expected. */
function found<K extends Inspection["kind"]>(path: string, kind: K) {
  const inspection = inspect(path);
  assert.equal(inspection.kind, kind);
  return inspection as Extract<Inspection, { kind: K }>;
}

const tensor = (shape: number[]) => ({
  dtype: "float32" as const,
  shape,
  data: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
});

Deno.test("inspect() tells a packed dataset by its manifest, and files that are not whole", () => {
  inFolder((folder) => {
    writePacked(folder, { size: 4, images: Array(5).fill({ width: 4, height: 4 }), perShard: 2 });
    const whole = found(folder, "dataset");
    assert.deepEqual(whole.splits, { train: { images: 5, shards: 3 } });
    assert.deepEqual(whole.problems, []);
    assert.equal(whole.manifest.size, 4);
    assert.deepEqual(inspect(`${folder}/manifest.json`), whole);
    Deno.removeSync(`${folder}/train-1.bin`);
    Deno.truncateSync(`${folder}/train-2.bin`, 3);
    assert.deepEqual(found(folder, "dataset").problems, [
      "train-1.bin is missing",
      "train-2.bin has 3 bytes and not 112",
    ]);
  });
});

Deno.test("inspect() tells a run: configuration, last metrics, complete checkpoints", () => {
  inFolder((folder) => {
    const config = { command: "pretrain", config: { batch: 4 }, versions: { deno: "2" } };
    Deno.writeTextFileSync(`${folder}/config.json`, JSON.stringify(config));
    const empty = found(folder, "run");
    assert.equal(empty.lastStep, null);
    assert.equal(empty.dataset, null);
    const lines = [{ step: 1, lr: 0.5 }, { step: 1, val_rec: 2 }, { step: 2, lr: 0.25 }];
    const text = lines.map((line) => JSON.stringify(line) + "\n").join("") + '{"step":3,';
    Deno.writeTextFileSync(`${folder}/metrics.jsonl`, text);
    const content = { model: new Map([["a", tensor([2])]]), state: new Map() };
    for (const step of [2, 1]) {
      saveCheckpoint(folder, step, { ...content, position: { microBatch: 8 } });
    }
    Deno.mkdirSync(`${folder}/checkpoints/step-00000003`);
    const run = found(folder, "run");
    assert.equal(run.command, "pretrain");
    assert.deepEqual(run.lastStep, { step: 2, lr: 0.25 });
    assert.deepEqual(run.lastEpoch, { step: 1, val_rec: 2 });
    assert.deepEqual(run.checkpoints.map(({ step }) => step), [1, 2]);

    const checkpoint = found(`${folder}/checkpoints/step-00000002`, "checkpoint");
    assert.deepEqual(checkpoint.position, { step: 2, microBatch: 8 });
    assert.deepEqual(Object.keys(checkpoint.files), ["model.safetensors", "state.safetensors"]);
    assert.equal(checkpoint.files["model.safetensors"]!.elements, 2);
  });
});

Deno.test("inspect() tells a safetensors file and a .npy file by their headers", () => {
  inFolder((folder) => {
    const tensors = new Map([["w", tensor([2, 3])], ["b", tensor([3])]]);
    const file = Deno.openSync(`${folder}/file`, { create: true, write: true });
    for (const part of encodeSafetensors(tensors, { format: "pt" })) file.writeSync(part);
    file.close();
    const { elements, metadata, tensors: outlines } = found(`${folder}/file`, "safetensors");
    assert.equal(elements, 9);
    assert.deepEqual(metadata, { format: "pt" });
    assert.deepEqual(outlines.find(({ name }) => name === "w")?.shape, [2, 3]);

    Deno.writeFileSync(`${folder}/array`, encodeNpy(tensor([3, 2])));
    const array = found(`${folder}/array`, "npy");
    assert.deepEqual([array.dtype, array.shape, array.elements], ["float32", [3, 2], 6]);
  });
});

Deno.test("inspect() tells an ONNX model without reading its weights", () => {
  inFolder((folder) => {
    const x = input("x", "float32", [2, 300]);
    const weight = constant("float32", [300, 400], new Float32Array(120_000).fill(1 / 3));
    const y = cast(matmul(x, weight), "float64");
    const path = `${folder}/model`;
    Deno.writeFileSync(path, emit({ y }, { name: "product" }));
    const model = found(path, "onnx");
    assert.equal(model.name, "product");
    assert.deepEqual(model.inputs, [{ name: "x", dtype: "float32", shape: [2, 300] }]);
    assert.deepEqual(model.outputs, [{ name: "y", dtype: "float64", shape: [2, 400] }]);
    assert.equal(model.parameters, 120_000);
    assert.equal(model.ops.Cast, 1);
    assert.equal(Object.values(model.ops).reduce((a, b) => a + b), model.nodes);
  });
});

Deno.test("inspect() names open axes, unknown types and files of weights of an ONNX model", () => {
  inFolder((folder) => {
    const shape = { dim: [{ dimParam: "batch" }, { dimValue: 3 }] };
    const port = { name: "x", type: { tensorType: { elemType: 8, shape } } };
    const message = encode("Model", {
      irVersion: 10,
      producerName: "maker",
      producerVersion: "2",
      metadataProps: [{ key: "recipe", value: "cifar" }],
      graph: { input: [port], node: [{ opType: "Gelu", domain: "com.microsoft" }] },
    });
    Deno.writeFileSync(`${folder}/model.onnx`, message);
    const model = found(`${folder}/model.onnx`, "onnx");
    assert.deepEqual(model.inputs, [{ name: "x", dtype: "type 8", shape: ["batch", 3] }]);
    assert.deepEqual(model.ops, { "com.microsoft.Gelu": 1 });
    assert.equal(model.producer, "maker 2");
    assert.deepEqual(model.metadata, { recipe: "cifar" });
  });
});

Deno.test("inspect() refuses what it does not know, and what is damaged", () => {
  inFolder((folder) => {
    const write = (name: string, bytes: Uint8Array | string) => {
      const path = `${folder}/${name}`;
      if (typeof bytes === "string") Deno.writeTextFileSync(path, bytes);
      else Deno.writeFileSync(path, bytes);
      return path;
    };
    const nothing = `${folder}/nothing`;
    Deno.mkdirSync(nothing);
    const cases: [path: string, said: RegExp][] = [
      [`${folder}/none`, /Cannot inspect .*none: there is no such file or folder/],
      [nothing, /Cannot tell what .* is: it holds none of manifest.json, config.json, position/],
      [write("text", "hello"), /Cannot tell what .*text is by its first bytes/],
      [write("empty", ""), /Cannot tell what .*empty is/],
      [write("a.safetensors", "x"), /Cannot inspect .*: Cannot read as safetensors: 1 bytes/],
      [write("b.onnx", "hello"), /Cannot inspect .*: Cannot read/],
      [
        write("c.onnx", Uint8Array.of(8, 10, 0x3a, 100, 1)),
        /field 7 ends at 104, its message at 5/,
      ],
      [write("d.npy", "\x93NUMPY"), /Cannot (inspect|tell)/],
      [write("config.json", "{"), /Cannot read .*config.json: it is not JSON/],
    ];
    for (const [path, message] of cases) {
      assert.throws(() => inspect(path), (error) => {
        assert.ok(error instanceof DataError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });
});
