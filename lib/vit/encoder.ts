/** The Vision Transformer encoder over any subset of patches. */
import { add, concat, constant, expand, gather, reshape, slice, type Value } from "../graph/mod.ts";
import {
  block,
  blockParameters,
  clsAttention,
  layerNorm,
  layerNormParameters,
  type Parameter,
  type Parameters,
  sinCosPositions,
} from "../nn/mod.ts";
import { embedPatches, patchEmbeddingParameters } from "./patches.ts";

/** Size of an encoder. */
export interface EncoderConfig {
  /** Pixels of a side of the square image. */
  readonly imageSize: number;
  /** Pixels of a side of a patch. */
  readonly patch: number;
  /** Numbers of a token. */
  readonly width: number;
  /** Blocks. */
  readonly depth: number;
  /** Attention heads of a block. */
  readonly heads: number;
  /** Hidden width of the MLP over the width. */
  readonly mlpRatio: number;
}

/**
 * Patches of an image, L.
 *
 * @example
 * ```ts
 * import { patchCount } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * console.assert(patchCount(config) === 16);
 * ```
 */
export function patchCount({ imageSize, patch }: EncoderConfig): number {
  return (imageSize / patch) ** 2;
}

/**
 * Parameters in the order and with the names of MAE and timm. Positions are fixed, so they are none.
 *
 * @example
 * ```ts
 * import { encoderParameters } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const names = encoderParameters(config).map(({ name }) => name);
 * console.assert(names.includes("cls_token") && names.includes("norm.weight"));
 * ```
 */
export function encoderParameters(config: EncoderConfig): Parameter[] {
  const { width, depth, patch, mlpRatio } = config;
  return [
    { name: "cls_token", shape: [1, 1, width], init: { normal: 0.02 } },
    ...patchEmbeddingParameters(width, patch),
    ...Array.from({ length: depth }, (_, i) => blockParameters(`blocks.${i}`, width, mlpRatio))
      .flat(),
    ...layerNormParameters("norm", width),
  ];
}

/**
 * Positions as a parameter: of CLS, then of the patches in row-major order. MAE's are fixed; a fine-tuned model has its own.
 *
 * @example
 * ```ts
 * import { positionParameter } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * console.assert(positionParameter(config).name === "pos_embed");
 * ```
 */
export function positionParameter(config: EncoderConfig): Parameter {
  return { name: "pos_embed", shape: [1, 1 + patchCount(config), config.width], init: "zeros" };
}

/**
 * Tokens of some patches: CLS, then the embedded patches with their positions: those of the parameter `pos_embed` if there is
 * one, else the fixed ones.
 *
 * @param patches `[B, N, p * p * 3]`.
 * @param ids int64 `[B, N]`, the place of each patch in the image; all L in order if left out.
 * @returns `[B, 1 + N, D]`.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { embed, encoderParameters, patchify } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const p = new nn.Parameters(encoderParameters(config));
 * const patches = patchify(graph.input("images", "float32", [2, 16, 16, 3]), 4);
 * console.assert(String(embed(p, config, patches).shape) === "2,17,8");
 * ```
 */
export function embed(p: Parameters, config: EncoderConfig, patches: Value, ids?: Value): Value {
  const { width } = config;
  const { ofCls, ofPatches } = positionsOf(p, config);
  const tokens = add(embedPatches(p, patches), ids ? gather(ofPatches, ids) : ofPatches); // [B, N, D]
  const token = p.get("cls_token");
  const cls = expand(ofCls ? add(token, ofCls) : token, [patches.shape[0]!, 1, width]);
  return concat([cls, tokens], 1);
}

/** Positions of CLS, `[1, 1, D]` or null for zero, and of the patches `[L, D]`. */
function positionsOf(
  p: Parameters,
  config: EncoderConfig,
): { ofCls: Value | null; ofPatches: Value } {
  const { width, imageSize, patch } = config;
  const L = patchCount(config);
  if (!p.has("pos_embed")) {
    const table = sinCosPositions(width, imageSize / patch).subarray(width);
    return { ofCls: null, ofPatches: constant("float32", [L, width], table) };
  }
  const all = p.get("pos_embed"); // [1, 1 + L, D]
  return {
    ofCls: slice(all, 1, 0, 1),
    ofPatches: reshape(slice(all, 1, 1, 1 + L), [L, width]),
  };
}

/**
 * All blocks and the final norm: tokens `[B, N, D]` -> `[B, N, D]`.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { embed, encode, encoderParameters, patchify } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const p = new nn.Parameters(encoderParameters(config));
 * const patches = patchify(graph.input("images", "float32", [2, 16, 16, 3]), 4);
 * const tokens = encode(p, config, embed(p, config, patches));
 * console.assert(String(tokens.shape) === "2,17,8");
 * ```
 */
export function encode(p: Parameters, config: EncoderConfig, tokens: Value): Value {
  return layerNorm(p, "norm", blocks(p, config, tokens, config.depth));
}

/**
 * CLS after all blocks and the norm, `[B, D]`: the last block computes no other row.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { encodeCls, encoderParameters } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const p = new nn.Parameters(encoderParameters(config));
 * const tokens = graph.input("tokens", "float32", [2, 17, 8]);
 * console.assert(String(encodeCls(p, config, tokens).shape) === "2,8");
 * ```
 */
export function encodeCls(p: Parameters, config: EncoderConfig, tokens: Value): Value {
  const { depth, heads, width } = config;
  const before = blocks(p, config, tokens, depth - 1);
  const { y } = block(p, `blocks.${depth - 1}`, before, { heads, rows: [0, 1] }); // [B, 1, D]
  return reshape(layerNorm(p, "norm", y), [tokens.shape[0]!, width]);
}

/**
 * The attention of CLS to the patches, averaged over heads and summed over blocks (ccMIM, section 3.2).
 *
 * @param tokens `[B, 1 + L, D]`.
 * @returns `[B, L]`. Of the last block only the attention of CLS is computed.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { clsAttentionSum, encoderParameters } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const p = new nn.Parameters(encoderParameters(config));
 * const tokens = graph.input("tokens", "float32", [2, 17, 8]);
 * console.assert(String(clsAttentionSum(p, config, tokens).shape) === "2,16");
 * ```
 */
export function clsAttentionSum(p: Parameters, config: EncoderConfig, tokens: Value): Value {
  const { depth, heads } = config;
  let x = tokens;
  let sum: Value | undefined;
  for (let i = 0; i < depth; i++) {
    const name = `blocks.${i}`;
    const isLast = i === depth - 1;
    const output = isLast ? null : block(p, name, x, { heads });
    const normed = output ? output.normed : layerNorm(p, `${name}.norm1`, x);
    const options = output ? { heads, projected: output.attended } : { heads };
    const attention = clsAttention(p, `${name}.attn`, normed, options);
    sum = sum ? add(sum, attention) : attention;
    if (output) x = output.y;
  }
  return sum!;
}

function blocks(p: Parameters, config: EncoderConfig, tokens: Value, depth: number): Value {
  let x = tokens;
  for (let i = 0; i < depth; i++) x = block(p, `blocks.${i}`, x, { heads: config.heads }).y;
  return x;
}

/**
 * Row 0 of `[B, N, D]` as `[B, D]`.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { clsRow } from "./mod.ts";
 *
 * console.assert(String(clsRow(graph.input("tokens", "float32", [2, 17, 8])).shape) === "2,8");
 * ```
 */
export function clsRow(x: Value): Value {
  const [B, , D] = x.shape as [number, number, number];
  return reshape(slice(x, 1, 0, 1), [B, D]);
}
