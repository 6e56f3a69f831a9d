import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readSafetensors } from "../../lib/checkpoint/mod.ts";
import { exportSafetensors } from "../../lib/export/safetensors.ts";
import type { ExportSource } from "../../lib/export/source.ts";
import { loadWeights } from "../../lib/weights/mod.ts";
import { inFolder } from "../_folder.ts";
import { autoencoder, DECODER, encoder, SIZES, tensor } from "../weights/_model.ts";

const PRETRAINED: ExportSource = {
  encoder: SIZES,
  decoderHeads: DECODER.decoderHeads,
  pooledNorm: false,
  classes: null,
  tensors: new Map([...autoencoder(), ["projector.0.weight", tensor([8, 8])]]),
  provenance: { method: "mae" },
};
const CLASSIFIER: ExportSource = {
  encoder: SIZES,
  pooledNorm: false,
  classes: ["cat", "dog"],
  tensors: new Map([
    ...encoder(),
    ["head.weight", tensor([2, 8])],
    ["head.bias", tensor([2])],
  ]),
  provenance: {},
};

/** The names in a folder, hidden ones included. */
const list = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("exportSafetensors() writes what loadWeights() reads back, under any names", () =>
  inFolder((folder) => {
    for (
      const [names, naming, count] of [
        ["timm", "timm", encoder().size],
        ["mae", "mae", autoencoder().size],
        [undefined, "mae", autoencoder().size],
        ["huggingface", "huggingface", autoencoder().size + 2 * 2 * 3],
      ] as const
    ) {
      const out = `${folder}/${names}.safetensors`;
      const result = exportSafetensors(PRETRAINED, { out, names });
      equal(result.difference, 0);
      equal(result.tensors.length, count);
      equal(result.leftOut.includes("projector.0.weight"), true);
      equal(result.bytes, Deno.statSync(out).size);
      const loaded = loadWeights(out, { parts: "all" });
      equal(loaded.naming, naming);
      deepEqual(loaded.sizes, SIZES);
      equal(loaded.headsFrom, "config");
      equal(loaded.decoderHeads, DECODER.decoderHeads);
      deepEqual(loaded.tensors, names === "timm" ? encoder() : autoencoder());
      equal(loaded.metadata["format"], "pt");
      equal(loaded.metadata["method"], "mae");
    }
    deepEqual(list(folder).filter((name) => name.startsWith(".")), []);
  }));

Deno.test("exportSafetensors() writes equal bytes for equal weights", () =>
  inFolder((folder) => {
    const [a, b] = ["a", "b"].map((name) => {
      return exportSafetensors(PRETRAINED, { out: `${folder}/${name}.safetensors` }).sha256;
    });
    equal(a, b);
  }));

Deno.test("exportSafetensors() makes folders that Hugging Face's from_pretrained takes", () =>
  inFolder((folder) => {
    const out = `${folder}/model`;
    const config = () => JSON.parse(Deno.readTextFileSync(`${out}/config.json`));
    equal(
      exportSafetensors(PRETRAINED, { out, names: "huggingface" }).model,
      "ViTMAEForPreTraining",
    );
    deepEqual(list(out), ["config.json", "model.safetensors", "preprocessor_config.json"]);
    const { model_type, num_attention_heads, intermediate_size, decoder_hidden_size } = config();
    deepEqual(
      [model_type, num_attention_heads, intermediate_size, decoder_hidden_size],
      ["vit_mae", 2, 16, 4],
    );
    equal(loadWeights(out).sizes.heads, 2);

    const options = { out, names: "huggingface", force: true } as const;
    equal(exportSafetensors(CLASSIFIER, options).model, "ViTForImageClassification");
    deepEqual(config().id2label, { 0: "cat", 1: "dog" });
    ok(readSafetensors(`${out}/model.safetensors`).tensors.has("classifier.bias"));
    equal(exportSafetensors(CLASSIFIER, { ...options, head: "features" }).model, "ViTModel");
    ok(
      readSafetensors(`${out}/model.safetensors`).tensors.has("encoder.layer.0.output.dense.bias"),
    );
  }));

Deno.test("exportSafetensors() keeps the head and its classes, or leaves them out", () =>
  inFolder((folder) => {
    const out = `${folder}/a.safetensors`;
    exportSafetensors(CLASSIFIER, { out, names: "timm" });
    equal(readSafetensors(out).metadata["classes"], `["cat","dog"]`);
    const { leftOut } = exportSafetensors(CLASSIFIER, { out, head: "features", force: true });
    deepEqual(leftOut, ["head.bias", "head.weight"]);
    equal(readSafetensors(out).metadata["classes"], undefined);
  }));

Deno.test("exportSafetensors() refuses what cannot be, and leaves what is there", () =>
  inFolder((folder) => {
    const out = `${folder}/a.safetensors`;
    Deno.writeTextFileSync(out, "mine");
    Deno.mkdirSync(`${folder}/b`);
    const pooled: ExportSource = { ...CLASSIFIER, pooledNorm: true };
    for (
      const [source, options, message] of [
        [PRETRAINED, { out }, `Cannot write ${out}: it exists; use --force to replace it`],
        [
          PRETRAINED,
          { out: `${folder}/b`, names: "huggingface", force: true },
          `Cannot replace ${folder}/b: it is not what an export writes`,
        ],
        [
          PRETRAINED,
          { out: `${folder}/c`, names: "timm" },
          `Cannot write ${folder}/c with the names of timm: the file's name must end in .safetensors`,
        ],
        [
          PRETRAINED,
          { out: `${out}/d/c.safetensors` },
          `Cannot write ${out}/d/c.safetensors: ${out} is no folder`,
        ],
        [
          PRETRAINED,
          { out: `${folder}/e.safetensors`, head: "classifier" },
          "Cannot export a classifier: the checkpoint has no head; export --head features, or a fine-tuned run",
        ],
        [
          pooled,
          { out: `${folder}/e.safetensors`, names: "huggingface" },
          "Cannot export with the names of huggingface: its ViT takes CLS, and this model the mean of the patches; use " +
          "--names timm",
        ],
        [
          { ...PRETRAINED, decoderHeads: null },
          { out: `${folder}/e.safetensors`, names: "huggingface" },
          "Cannot export with the names of huggingface: nothing says how many heads the decoder has; export from the run",
        ],
      ] as const
    ) {
      throws(() => exportSafetensors(source, options), { name: "ConfigError", message });
    }
    deepEqual(list(folder), ["a.safetensors", "b"]);
    equal(Deno.readTextFileSync(out), "mine");
  }));

Deno.test("exportSafetensors() removes what cannot be read back, and keeps the old file", () =>
  inFolder((folder) => {
    const out = `${folder}/a.safetensors`;
    exportSafetensors(PRETRAINED, { out });
    const before = Deno.readFileSync(out);
    // Without positions nobody can tell the grid
    const tensors = new Map([...encoder()].filter(([name]) => name !== "pos_embed"));
    throws(() => exportSafetensors({ ...PRETRAINED, tensors }, { out, force: true }), {
      name: "DataError",
      message: "Cannot read an encoder: it has no pos_embed",
    });
    deepEqual(Deno.readFileSync(out), before);
    deepEqual(list(folder), ["a.safetensors"]);
  }));
