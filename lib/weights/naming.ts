/**
 * What the tensors of a Vision Transformer are called, by whom. One table holds it for both directions.
 *
 * MAE (https://github.com/facebookresearch/mae) took timm's names and added those of a decoder; they are this project's
 * names as well. Hugging Face's are those of the files on its hub, which every version of transformers reads.
 */

/** `timm`: encoder and head; `mae`: with the decoder; `huggingface`: ViTModel, ViTMAEForPreTraining. */
export const NAMINGS = ["timm", "mae", "huggingface"] as const;

/** One of {@linkcode NAMINGS}. */
export type Naming = (typeof NAMINGS)[number];

/** What a tensor belongs to. */
export type Part = "encoder" | "decoder" | "head" | "projector";

/** A name with `{i}` for the number of a block and a final `*` for a last word such as `weight`. */
type Pattern = string;

/** A row of the table: null where a scheme has nothing of the kind. */
export interface NameRow {
  readonly part: Part;
  readonly ours: Pattern | null;
  /** A list if the rows of our tensor are several tensors there, in order. */
  readonly huggingface: Pattern | readonly Pattern[] | null;
}

/** Tensors of a block: ours, then Hugging Face's. */
const BLOCK: readonly (readonly [ours: Pattern, huggingface: Pattern | readonly Pattern[]])[] = [
  ["norm1.*", "layernorm_before.*"],
  [
    "attn.qkv.*",
    ["attention.attention.query.*", "attention.attention.key.*", "attention.attention.value.*"],
  ],
  ["attn.proj.*", "attention.output.dense.*"],
  ["norm2.*", "layernorm_after.*"],
  ["mlp.fc1.*", "intermediate.dense.*"],
  ["mlp.fc2.*", "output.dense.*"],
];

function blockRows(part: Part, ours: Pattern, huggingface: Pattern): NameRow[] {
  return BLOCK.map(([own, theirs]) => ({
    part,
    ours: ours + own,
    huggingface: typeof theirs === "string"
      ? huggingface + theirs
      : theirs.map((name) => huggingface + name),
  }));
}

/** The table. Where the encoder is part of a larger model, Hugging Face puts `vit.` before its names. */
export const NAME_TABLE: readonly NameRow[] = [
  { part: "encoder", ours: "cls_token", huggingface: "embeddings.cls_token" },
  { part: "encoder", ours: "pos_embed", huggingface: "embeddings.position_embeddings" },
  {
    part: "encoder",
    ours: "patch_embed.proj.*",
    huggingface: "embeddings.patch_embeddings.projection.*",
  },
  ...blockRows("encoder", "blocks.{i}.", "encoder.layer.{i}."),
  { part: "encoder", ours: "norm.*", huggingface: "layernorm.*" },
  { part: "decoder", ours: "mask_token", huggingface: "decoder.mask_token" },
  { part: "decoder", ours: "decoder_pos_embed", huggingface: "decoder.decoder_pos_embed" },
  { part: "decoder", ours: "decoder_embed.*", huggingface: "decoder.decoder_embed.*" },
  ...blockRows("decoder", "decoder_blocks.{i}.", "decoder.decoder_layers.{i}."),
  { part: "decoder", ours: "decoder_norm.*", huggingface: "decoder.decoder_norm.*" },
  { part: "decoder", ours: "decoder_pred.*", huggingface: "decoder.decoder_pred.*" },
  { part: "head", ours: "head.*", huggingface: "classifier.*" },
  { part: "head", ours: "fc_norm.*", huggingface: null },
  { part: "head", ours: null, huggingface: "pooler.dense.*" },
  { part: "projector", ours: "projector.{i}.*", huggingface: null },
];

/**
 * Spellings of Hugging Face's names that are read as well: those of transformers 5 in memory, and what its
 * `save_pretrained` makes of the decoder's. From, to, in this order.
 */
export const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^layers\./, "encoder.layer."],
  [/^decoder\.decoder_encoder\.layer\./, "decoder.decoder_layers."],
  [/\.attention\.q_proj\./, ".attention.attention.query."],
  [/\.attention\.k_proj\./, ".attention.attention.key."],
  [/\.attention\.v_proj\./, ".attention.attention.value."],
  [/\.attention\.o_proj\./, ".attention.output.dense."],
  [/\.mlp\.fc1\./, ".intermediate.dense."],
  [/\.mlp\.fc2\./, ".output.dense."],
];

/** The pattern as an expression that finds the block's number `i` and the last word `last`. */
export function expressionOf(pattern: Pattern): RegExp {
  const source = pattern.replaceAll(".", "\\.")
    .replace("{i}", "(?<i>0|[1-9]\\d{0,3})")
    .replace("*", "(?<last>weight|bias|running_mean|running_var|num_batches_tracked)");
  return new RegExp(`^${source}$`);
}

/** The name that the pattern has for a block's number and a last word. */
export function fillIn(pattern: Pattern, groups: Readonly<Record<string, string>>): string {
  return pattern.replace("{i}", groups["i"] ?? "{i}").replace("*", groups["last"] ?? "*");
}
