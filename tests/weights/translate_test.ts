import { deepEqual, equal, throws } from "node:assert/strict";
import { namesIn, recogniseNames } from "../../lib/weights/mod.ts";

// The names in the file that transformers 4.57 and 5.23 read for a ViTMAEForPreTraining of one block
const BLOCK = [
  "attention.attention.query",
  "attention.attention.key",
  "attention.attention.value",
  "attention.output.dense",
  "intermediate.dense",
  "layernorm_after",
  "layernorm_before",
  "output.dense",
];
const both = (names: readonly string[]) => names.flatMap((n) => [`${n}.weight`, `${n}.bias`]);
const HUGGINGFACE = [
  "vit.embeddings.cls_token",
  "vit.embeddings.position_embeddings",
  ...both(["vit.embeddings.patch_embeddings.projection", "vit.layernorm"]),
  ...both(BLOCK.map((name) => `vit.encoder.layer.0.${name}`)),
  "decoder.mask_token",
  "decoder.decoder_pos_embed",
  ...both(["decoder.decoder_embed", "decoder.decoder_norm", "decoder.decoder_pred"]),
  ...both(BLOCK.map((name) => `decoder.decoder_layers.0.${name}`)),
];

// MAE's models_mae.py with one block each
const MAE_BLOCK = ["norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2"];
const MAE = [
  "cls_token",
  "pos_embed",
  "mask_token",
  "decoder_pos_embed",
  ...both(["patch_embed.proj", "norm", "decoder_embed", "decoder_norm", "decoder_pred"]),
  ...both(MAE_BLOCK.map((name) => `blocks.0.${name}`)),
  ...both(MAE_BLOCK.map((name) => `decoder_blocks.0.${name}`)),
];

Deno.test("recogniseNames() finds all of MAE in Hugging Face's names, and namesIn() goes back", () => {
  const { naming, tensors, unused, unknown } = recogniseNames(HUGGINGFACE);
  equal(naming, "huggingface");
  deepEqual([...unused, ...unknown], []);
  deepEqual([...tensors.keys()].sort(), MAE.toSorted());
  deepEqual(tensors.get("blocks.0.attn.qkv.bias"), {
    part: "encoder",
    names: ["query", "key", "value"].map((n) =>
      `vit.encoder.layer.0.attention.attention.${n}.bias`
    ),
  });
  const back = MAE.flatMap((name) => namesIn("huggingface", name, { wrapped: true })!.names);
  deepEqual(back.sort(), HUGGINGFACE.toSorted());
});

Deno.test("recogniseNames() reads the names of transformers 5, in memory and as it saves a decoder", () => {
  const inMemory = HUGGINGFACE.map((name) =>
    name.replace("vit.encoder.layer.", "vit.layers.")
      .replace("attention.attention.query", "attention.q_proj")
      .replace("attention.attention.key", "attention.k_proj")
      .replace("attention.attention.value", "attention.v_proj")
      .replace("attention.output.dense", "attention.o_proj")
      .replace("intermediate.dense", "mlp.fc1")
      .replace(/\.0\.output\.dense/, ".0.mlp.fc2")
  );
  equal(inMemory.includes("vit.layers.0.attention.q_proj.weight"), true);
  equal(inMemory.includes("decoder.decoder_layers.0.mlp.fc2.bias"), true);
  const saved = HUGGINGFACE.map((name) =>
    name.replace("decoder_layers.", "decoder_encoder.layer.")
  );
  for (const names of [inMemory, saved]) {
    const { tensors, unknown } = recogniseNames(names);
    deepEqual(unknown, []);
    deepEqual([...tensors.keys()].sort(), MAE.toSorted());
  }
});

Deno.test("recogniseNames() tells MAE from timm by the decoder, and strips what wraps a model", () => {
  const timm = MAE.filter((name) => !/decoder|mask_token/.test(name));
  equal(recogniseNames(MAE).naming, "mae");
  equal(recogniseNames(timm).naming, "timm");
  for (const prefix of ["module.", "encoder.", "model.backbone."]) {
    const { tensors, unknown } = recogniseNames([...timm.map((n) => prefix + n), "head.weight"]);
    deepEqual(unknown, []);
    deepEqual([...tensors.keys()].sort(), [...timm, "head.weight"].sort());
  }
  const bare = HUGGINGFACE.filter((n) => n.startsWith("vit.")).map((n) => n.slice(4));
  const { tensors, unused } = recogniseNames([...bare, "pooler.dense.weight"]);
  deepEqual([...tensors.keys()].sort(), timm.toSorted());
  deepEqual(unused, ["pooler.dense.weight"]);
});

Deno.test("recogniseNames() sets apart what it does not know, and a query without its key", () => {
  const { tensors, unknown } = recogniseNames([
    ...HUGGINGFACE.filter((name) => name !== "vit.encoder.layer.0.attention.attention.key.weight"),
    "vit.encoder.layer.0.lambda1",
    "vit.encoder.layer.00.output.dense.bias",
  ]);
  equal(tensors.has("blocks.0.attn.qkv.weight"), false);
  deepEqual(unknown, [
    "vit.encoder.layer.0.lambda1",
    "vit.encoder.layer.00.output.dense.bias",
    "vit.encoder.layer.0.attention.attention.query.weight",
    "vit.encoder.layer.0.attention.attention.value.weight",
  ]);
});

Deno.test("recogniseNames() rejects names of no scheme, of two models, and two for one tensor", () => {
  throws(() => recogniseNames(["conv1.weight", "fc.bias"]), {
    name: "DataError",
    message:
      "Cannot find a Vision Transformer: no tensor is named patch_embed.proj.weight (MAE, timm) or " +
      "embeddings.patch_embeddings.projection.weight (Hugging Face), with or without a prefix; " +
      "the first names are conv1.weight, fc.bias",
  });
  throws(() => recogniseNames(["patch_embed.proj.weight", "module.patch_embed.proj.weight"]), {
    name: "DataError",
    message:
      "Cannot tell which model to read: there are patch_embed.proj.weight and module.patch_embed.proj.weight",
  });
  throws(
    () => recogniseNames(["module.patch_embed.proj.weight", "module.norm.bias", "norm.bias"]),
    {
      name: "DataError",
      message: "Cannot tell which tensor is norm.bias: there are module.norm.bias and norm.bias",
    },
  );
});

Deno.test("namesIn() gives a head and a projector no name where there is none", () => {
  deepEqual(namesIn("huggingface", "head.bias"), { part: "head", names: ["classifier.bias"] });
  deepEqual(namesIn("huggingface", "projector.0.weight"), { part: "projector", names: [] });
  deepEqual(namesIn("mae", "projector.0.weight"), {
    part: "projector",
    names: ["projector.0.weight"],
  });
  equal(namesIn("timm", "stem.weight"), null);
});
