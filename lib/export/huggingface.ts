/** What a folder of Hugging Face's holds beside the weights. */
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from "../augment/mod.ts";
import type { Json } from "../checkpoint/mod.ts";
import { LAYER_NORM_EPSILON } from "../nn/mod.ts";
import type { ExportSource } from "./source.ts";

/** Models of transformers that an encoder can become. */
export type HuggingFaceModel = "ViTModel" | "ViTForImageClassification" | "ViTMAEForPreTraining";

/** `config.json` of the model, so that `from_pretrained` makes it as it was trained. */
export function huggingFaceConfig(
  model: HuggingFaceModel,
  { encoder, classes, decoderHeads, tensors }: ExportSource,
): Json {
  const { imageSize, patch, width, depth, heads, mlpRatio } = encoder;
  const decoderWidth = tensors.get("decoder_embed.bias")?.shape[0] ?? 0;
  let decoderDepth = 0;
  while (tensors.has(`decoder_blocks.${decoderDepth}.attn.qkv.weight`)) decoderDepth++;
  const base = {
    architectures: [model],
    model_type: model === "ViTMAEForPreTraining" ? "vit_mae" : "vit",
    hidden_size: width,
    num_hidden_layers: depth,
    num_attention_heads: heads,
    intermediate_size: Math.round(mlpRatio * width),
    image_size: imageSize,
    patch_size: patch,
    num_channels: 3,
    hidden_act: "gelu",
    qkv_bias: true,
    layer_norm_eps: LAYER_NORM_EPSILON,
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  };
  if (model === "ViTForImageClassification") {
    const names = (classes ?? []).map((name, i) => [String(i), name]);
    return {
      ...base,
      id2label: Object.fromEntries(names),
      label2id: Object.fromEntries(names.map(([i, name]) => [name, Number(i)])),
    };
  }
  if (model === "ViTModel") return base;
  return {
    ...base,
    decoder_hidden_size: decoderWidth,
    decoder_num_hidden_layers: decoderDepth,
    decoder_num_attention_heads: decoderHeads ?? 16,
    decoder_intermediate_size: tensors.get("decoder_blocks.0.mlp.fc1.bias")?.shape[0] ?? 0,
  };
}

/** `preprocessor_config.json`: what is done to an image before the model sees it. */
export function huggingFaceProcessor({ encoder: { imageSize } }: ExportSource): Json {
  return {
    image_processor_type: "ViTImageProcessor",
    do_resize: true,
    size: { height: imageSize, width: imageSize },
    resample: 3, // bicubic
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: IMAGENET_MEAN,
    image_std: IMAGENET_DEVIATION,
  };
}
