/** The model that is exported, in values. */
import { normalise } from "../augment/mod.ts";
import {
  add,
  cast,
  concat,
  input,
  pad,
  reduceMean,
  reshape,
  scoped,
  slice,
  transpose,
  type Value,
} from "../graph/mod.ts";
import {
  block,
  clsAttention,
  layerNorm,
  layerNormParameters,
  linear,
  linearParameters,
  type Parameter,
  type Parameters,
} from "../nn/mod.ts";
import { clsRow, embedPatches, encoderParameters, patchCount, patchify } from "../vit/mod.ts";
import type { InputKind, OutputName } from "./options.ts";
import type { ExportSource } from "./source.ts";

/** Name of the model's input. */
export const IMAGES = "images";

/** The parameter that holds the position of every token `[1 + L, D]`, with CLS itself in row 0. */
export const TOKEN_BASE = "token_base";

/** What the model is made of. */
export interface ImageModelPlan extends Pick<ExportSource, "encoder" | "pooledNorm" | "classes"> {
  /** What the model takes. */
  readonly input: InputKind;
  /** What the model gives. */
  readonly outputs: readonly OutputName[];
}

/** The parameters that a model may read. */
export function imageModelParameters(
  { encoder, pooledNorm, classes }: Pick<ImageModelPlan, "encoder" | "pooledNorm" | "classes">,
): Parameter[] {
  const { width } = encoder;
  return [
    { name: TOKEN_BASE, shape: [1 + patchCount(encoder), width], init: "zeros" },
    ...encoderParameters(encoder).filter(({ name }) => {
      return name !== "cls_token" && !(pooledNorm && name.startsWith("norm."));
    }),
    ...pooledNorm ? layerNormParameters("fc_norm", width) : [],
    ...classes ? linearParameters("head", width, classes.length) : [],
  ];
}

/** The outputs that a plan names, for batches of `batch` images. */
export function imageModel(
  p: Parameters,
  plan: ImageModelPlan,
  batch: number,
): Record<string, Value> {
  const { encoder, pooledNorm, outputs } = plan;
  const { heads, depth } = encoder;
  const L = patchCount(encoder);
  const patches = scoped("images", () => patchesOf(plan, batch)); // [B, L, p * p * 3]
  // CLS is a row of zeros before its value is added: nothing is repeated, so the batch may be open
  let x = scoped("embed", () => add(pad(embedPatches(p, patches), 1, 1, 0), p.get(TOKEN_BASE)));
  const needsPatches = outputs.includes("patch_tokens") || outputs.includes("pooled") ||
    pooledNorm && outputs.includes("logits");
  const attentions: Value[] = [];
  for (let i = 0; i < depth; i++) {
    const isLast = i === depth - 1;
    const rows = isLast && !needsPatches ? [0, 1] as const : undefined;
    const { y, normed, attended } = block(p, `blocks.${i}`, x, { heads, rows });
    if (outputs.includes("cls_attention")) {
      const options = rows ? { heads } : { heads, projected: attended };
      const attention = scoped("cls_attention", () => {
        return clsAttention(p, `blocks.${i}.attn`, normed, options); // [B, L]
      });
      attentions.push(reshape(attention, [batch, 1, L]));
    }
    x = y;
  }
  const tokens = pooledNorm ? x : layerNorm(p, "norm", x); // [B, 1 + L, D]
  const cls = once(() => clsRow(tokens)); // [B, D]
  const patchTokens = once(() => slice(tokens, 1, 1, 1 + L)); // [B, L, D]
  const pooled = once(() => {
    const mean = reduceMean(patchTokens(), [1]); // [B, D]
    return pooledNorm ? layerNorm(p, "fc_norm", mean) : mean;
  });
  const all: Readonly<Record<OutputName, () => Value>> = {
    logits: () => linear(p, "head", pooledNorm ? pooled() : cls()), // [B, C]
    cls,
    patch_tokens: patchTokens,
    pooled,
    cls_attention: () => concat(attentions as [Value, ...Value[]], 1), // [B, depth, L]
  };
  return Object.fromEntries(outputs.map((name) => [name, scoped(name, all[name])]));
}

function patchesOf({ encoder, input: kind }: ImageModelPlan, batch: number): Value {
  const { imageSize: S, patch } = encoder;
  if (kind === "uint8") {
    const images = input(IMAGES, "uint8", [batch, S, S, 3]);
    return patchify(normalise(cast(images, "float32")), patch);
  }
  const grid = S / patch;
  const planes = input(IMAGES, "float32", [batch, 3, S, S]);
  const cells = reshape(planes, [batch, 3, grid, patch, grid, patch]);
  const pixels = transpose(cells, [0, 2, 4, 3, 5, 1]); // [B, rows, columns, p, p, 3]
  return reshape(pixels, [batch, grid * grid, patch * patch * 3]);
}

/** The same value every time, made when it is first wanted. */
function once(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => value ??= make();
}
