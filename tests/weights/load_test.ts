import { deepEqual, equal, throws } from "node:assert/strict";
import { saveCheckpoint } from "../../lib/checkpoint/mod.ts";
import { loadWeights, renameTensors, showReport } from "../../lib/weights/mod.ts";
import { sizeOf } from "../../lib/tensor/mod.ts";
import { inFolder } from "../_folder.ts";
import * as pth from "../checkpoint/_pth.ts";
import { autoencoder, encoder, SIZES, tensor, write } from "./_model.ts";

Deno.test("loadWeights() reads the same encoder under any names", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    for (
      const [naming, tensors] of [
        ["timm", encoder()],
        ["mae", autoencoder()],
        ["huggingface", autoencoder()],
      ] as const
    ) {
      write(path, renameTensors(tensors, naming));
      const loaded = loadWeights(path, { heads: 2 });
      equal(loaded.naming, naming);
      deepEqual(loaded.sizes, SIZES);
      equal(loaded.headsFrom, "option");
      deepEqual(loaded.tensors, encoder());
      equal(loaded.report.matched.length, 30);
      equal(loaded.report.ignored.length, tensors.size - 30);
      deepEqual(loaded.report.missing, []);
    }
    deepEqual(loadWeights(path, { heads: 2, parts: "all" }).tensors, autoencoder());
  }));

Deno.test("loadWeights() reads the newest checkpoint of a run, one checkpoint, and its file", () =>
  inFolder((folder) => {
    const position = { microBatch: 1 };
    for (const step of [1, 2]) {
      const model = encoder();
      model.set("norm.bias", tensor([8], step));
      saveCheckpoint(folder, step, { model, state: new Map(), position });
    }
    Deno.writeTextFileSync(`${folder}/config.json`, JSON.stringify({ config: { model: SIZES } }));
    const one = `${folder}/checkpoints/step-00000001`;
    for (
      const [path, kind, first] of [
        [folder, "run", 2],
        [one, "checkpoint", 1],
        [`${one}/model.safetensors`, "file", 1],
      ] as const
    ) {
      const loaded = loadWeights(path);
      equal(loaded.kind, kind);
      deepEqual(loaded.sizes, SIZES);
      equal(loaded.headsFrom, "config");
      deepEqual(loaded.tensors.get("norm.bias"), tensor([8], first));
    }
    saveCheckpoint(`${folder}/best`, 1, { model: encoder(), state: new Map(), position });
    equal(loadWeights(`${folder}/best`).headsFrom, "config");
    throws(() => loadWeights(folder, { heads: 4 }), {
      name: "ConfigError",
      message: "Cannot use 4 heads: the model was trained with 2",
    });
    const bytes = Deno.readFileSync(`${one}/model.safetensors`);
    bytes[bytes.length - 1]! ^= 1;
    Deno.writeFileSync(`${one}/model.safetensors`, bytes);
    throws(() => loadWeights(one), { name: "DataError", message: /its sha256 is/ });
  }));

Deno.test("loadWeights() takes heads from a folder of Hugging Face's, a named size or 64 columns", () =>
  inFolder((folder) => {
    const path = `${folder}/model.safetensors`;
    write(path, renameTensors(encoder(), "huggingface"));
    const hub = { hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 4 };
    Deno.writeTextFileSync(`${folder}/config.json`, JSON.stringify(hub));
    equal(loadWeights(folder).sizes.heads, 4);
    Deno.writeTextFileSync(`${folder}/config.json`, JSON.stringify({ ...hub, hidden_size: 16 }));
    throws(() => loadWeights(folder), {
      name: "ConfigError",
      message:
        "Cannot tell how many heads a model of width 8 has: no tensor shows it, and there is no configuration " +
        "beside them; say it with --heads",
    });
    throws(() => loadWeights(folder, { heads: 3 }), {
      message: "Cannot split a width of 8 into 3 heads",
    });
    for (
      const [width, depth, heads, from] of [
        [192, 12, 3, "named size"],
        [192, 1, 3, "width / 64"],
        [128, 1, 2, "width / 64"],
      ] as const
    ) {
      write(path, encoder({ ...SIZES, width, depth }));
      const loaded = loadWeights(folder);
      deepEqual([loaded.sizes.heads, loaded.headsFrom], [heads, from]);
    }
  }));

Deno.test("loadWeights() reads 16-bit and 64-bit weights as float32", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    const values = [1, -2, 0.5, 0, 1.5, 3, -0.25, 8];
    const bfloat16 = Uint16Array.from(values, (x) => {
      return new Uint32Array(Float32Array.of(x).buffer)[0]! >>> 16;
    });
    const halves = new DataView(new ArrayBuffer(16));
    values.forEach((x, i) => halves.setFloat16(2 * i, x, true));
    for (
      const [dtype, buffer] of [
        ["bfloat16", bfloat16.buffer],
        ["float16", halves.buffer],
        ["float64", Float64Array.from(values).buffer],
      ] as const
    ) {
      const tensors = encoder();
      tensors.set("norm.weight", { dtype, shape: [8], data: new Uint8Array(buffer) });
      write(path, tensors);
      const { data, dtype: found } = loadWeights(path, { heads: 2 }).tensors.get("norm.weight")!;
      equal(found, "float32");
      deepEqual([...new Float32Array(data.buffer)], values);
    }
    const tensors = encoder();
    tensors.set("norm.weight", { dtype: "int32", shape: [8], data: new Uint8Array(32) });
    write(path, tensors);
    throws(() => loadWeights(path, { heads: 2 }), {
      name: "DataError",
      message: `Cannot use norm.weight of ${path} as a weight: it is of int32`,
    });
  }));

Deno.test("loadWeights() reads a checkpoint of MAE's, options and all", () =>
  inFolder((folder) => {
    const path = `${folder}/mae.pth`;
    const tensors = [...autoencoder()];
    const codes = tensors.map(([name, { shape }], i) => {
      return [name, pth.tensor(shape, { key: String(i) })] as const;
    });
    const args = [...pth.global("argparse", "Namespace"), 0x29, 0x81, ...pth.dict({}), 0x62];
    const top = pth.dict({ model: pth.dict(Object.fromEntries(codes)), args, epoch: pth.int(7) });
    const storages = Object.fromEntries(tensors.map(([, { data }], i) => [i, data]));
    Deno.writeFileSync(path, pth.zip(pth.members(top, storages)));
    const loaded = loadWeights(path, { heads: 2 });
    equal(loaded.naming, "mae");
    deepEqual(loaded.tensors, encoder());
  }));

Deno.test("loadWeights() stops at a partial match unless told to take it", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    const tensors = encoder();
    tensors.delete("norm.bias");
    tensors.set("blocks.1.norm2.weight", tensor([9]));
    tensors.set("blocks.0.ls1.gamma", tensor([8]));
    tensors.set("blocks.7.norm1.bias", tensor([8]));
    tensors.set("head.weight", tensor([3, 8]));
    write(path, tensors);
    throws(() => loadWeights(path, { heads: 2 }), {
      name: "DataError",
      message: `Cannot use the weights of ${path}: 28 tensors match; 1 missing: norm.bias; ` +
        "1 of another shape: blocks.1.norm2.weight ([9], the model's is [8]); " +
        "2 unknown: blocks.0.ls1.gamma, blocks.7.norm1.bias; 1 ignored: head.weight; " +
        "--partial takes what matches and leaves the rest as it starts",
    });
    const { report, tensors: taken } = loadWeights(path, { heads: 2, partial: true });
    deepEqual([...taken.keys()], report.matched);
    equal(taken.has("blocks.1.norm2.weight"), false);
    equal(showReport(report).startsWith("28 tensors match; 1 missing"), true);
  }));

Deno.test("loadWeights() tells what becomes of tensors that are none of the encoder's", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    write(path, encoder().set("head.weight", tensor([3, 8])));
    const told = (parts: "encoder" | "all") => {
      const lines: string[] = [];
      loadWeights(path, { heads: 2, parts, onWeights: (match) => lines.push(match) });
      return lines;
    };
    deepEqual(told("encoder"), ["30 tensors match; 1 ignored: head.weight"]);
    deepEqual(told("all"), ["30 tensors match; 1 beside the encoder: head.weight"]);
  }));

Deno.test("loadWeights() does without the encoder's norm where the head has one", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    const tensors = encoder();
    for (const what of ["weight", "bias"]) {
      tensors.set(`fc_norm.${what}`, tensors.get(`norm.${what}`)!);
      tensors.delete(`norm.${what}`);
    }
    write(path, tensors);
    const { report, tensors: taken } = loadWeights(path, { heads: 2, parts: "all" });
    deepEqual(report.missing, []);
    equal(taken.has("fc_norm.weight"), true);
  }));

Deno.test("loadWeights() rejects tensors whose shapes no encoder has", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    const cases: readonly (readonly [string, number[], string])[] = [
      ["pos_embed", [1, 4, 8], "it must be [1, 1 + n * n, 8]: CLS and a square grid of patches"],
      ["patch_embed.proj.weight", [8, 1, 4, 4], "it must be [width, 3, patch, patch]"],
      ["patch_embed.proj.weight", [8, 48], "it must have 4 axes"],
      ["blocks.0.mlp.fc1.weight", [16, 9], "it must be [hidden, 8]"],
    ];
    for (const [name, shape, what] of cases) {
      const tensors = encoder();
      tensors.set(name, tensor(shape));
      write(path, tensors);
      equal(sizeOf(shape) > 0, true);
      throws(() => loadWeights(path, { heads: 2 }), {
        name: "DataError",
        message: `Cannot read an encoder: ${name} is [${shape.join(", ")}], and ${what}`,
      });
    }
    for (const name of ["pos_embed", "blocks.0.mlp.fc1.weight"]) {
      const tensors = encoder();
      tensors.delete(name);
      write(path, tensors);
      throws(() => loadWeights(path, { heads: 2 }), {
        message: `Cannot read an encoder: it has no ${name}`,
      });
    }
  }));

Deno.test("loadWeights() rejects pieces that do not fit together", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    const tensors = renameTensors(encoder(), "huggingface");
    tensors.set("encoder.layer.1.attention.attention.key.bias", tensor([4]));
    write(path, tensors);
    throws(() => loadWeights(path, { heads: 2 }), {
      name: "DataError",
      message: "Cannot join encoder.layer.1.attention.attention.query.bias (float32 [8]) and " +
        "encoder.layer.1.attention.attention.key.bias (float32 [4]) to blocks.1.attn.qkv.bias: they must be alike",
    });
  }));

Deno.test("loadWeights() says what is wrong with a path", () =>
  inFolder((folder) => {
    throws(() => loadWeights(`${folder}/none`), {
      name: "DataError",
      message: `Cannot read weights from ${folder}/none: it does not exist`,
    });
    throws(() => loadWeights(folder), {
      name: "DataError",
      message:
        `Cannot read weights from ${folder}: the folder has neither complete checkpoints nor ` +
        "model.safetensors or pytorch_model.bin",
    });
    write(`${folder}/a.safetensors`, new Map([["conv.weight", tensor([1])]]));
    throws(() => loadWeights(`${folder}/a.safetensors`), {
      name: "DataError",
      message: /Cannot find a Vision Transformer: .*, in .*a\.safetensors$/,
    });
    Deno.writeTextFileSync(`${folder}/b.safetensors`, "nothing of the kind");
    throws(() => loadWeights(`${folder}/b.safetensors`), { name: "DataError" });
  }));

Deno.test("loadWeights() refuses numbers that are none", () =>
  inFolder((folder) => {
    const path = `${folder}/weights.safetensors`;
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const tensors = encoder();
      const bias = Float32Array.from({ length: 8 }, (_, i) => i === 5 ? wrong : i);
      tensors.set("norm.bias", {
        dtype: "float32",
        shape: [8],
        data: new Uint8Array(bias.buffer),
      });
      write(path, tensors);
      throws(() => loadWeights(path, { heads: 2 }), {
        name: "DataError",
        message:
          `Cannot use norm.bias of ${path} as a weight: number 5 is not finite; take a checkpoint ` +
          "of before it diverged",
      });
    }
  }));
