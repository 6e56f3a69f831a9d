/** The MAE decoder (He et al. 2022), kept in shuffled order. */
import { add, concat, constant, expand, gather, slice, type Value } from "../graph/mod.ts";
import {
  block,
  blockParameters,
  layerNorm,
  layerNormParameters,
  linear,
  linearParameters,
  type Parameter,
  type Parameters,
  sinCosPositions,
} from "../nn/mod.ts";
import { type EncoderConfig, patchCount } from "./encoder.ts";

/** Size of a decoder. */
export interface DecoderConfig {
  /** Width of the decoder. */
  readonly decoderWidth: number;
  /** Blocks of the decoder. */
  readonly decoderDepth: number;
  /** Attention heads of a block of the decoder. */
  readonly decoderHeads: number;
}

/**
 * Parameters in the order and with the names of MAE.
 *
 * @example
 * ```ts
 * import { decoderParameters } from "./mod.ts";
 *
 * const encoder = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const config = { ...encoder, decoderWidth: 8, decoderDepth: 1, decoderHeads: 2 };
 * console.assert(decoderParameters(config).some(({ name }) => name === "mask_token"));
 * ```
 */
export function decoderParameters(config: EncoderConfig & DecoderConfig): Parameter[] {
  const { width, patch, mlpRatio, decoderWidth, decoderDepth } = config;
  return [
    ...linearParameters("decoder_embed", width, decoderWidth),
    { name: "mask_token", shape: [1, 1, decoderWidth], init: { normal: 0.02 } },
    ...Array.from(
      { length: decoderDepth },
      (_, i) => blockParameters(`decoder_blocks.${i}`, decoderWidth, mlpRatio),
    ).flat(),
    ...layerNormParameters("decoder_norm", decoderWidth),
    ...linearParameters("decoder_pred", decoderWidth, patch * patch * 3),
  ];
}

/**
 * Predicts the pixels of the masked patches.
 *
 * Attention does not see the order of its tokens, only their positions; so the tokens stay in the order "CLS, visible,
 * masked", each with the position of its patch, and nothing is put back into place. The last block computes the masked
 * rows alone.
 *
 * @param latent the encoded CLS and visible patches, `[B, 1 + K, D]`.
 * @param order int64 `[B, L]`: the patches' places, the K visible ones first.
 * @returns `[B, L - K, p * p * 3]`, in the order of the tail of `order`.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { decodeMasked, decoderParameters } from "./mod.ts";
 *
 * const encoder = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const config = { ...encoder, decoderWidth: 8, decoderDepth: 1, decoderHeads: 2 };
 * const p = new nn.Parameters(decoderParameters(config));
 * const latent = graph.input("latent", "float32", [2, 1 + 4, 8]); // 4 of 16 patches are visible
 * const order = graph.input("order", "int64", [2, 16]);
 * console.assert(String(decodeMasked(p, config, latent, order).shape) === "2,12,48");
 * ```
 */
export function decodeMasked(
  p: Parameters,
  config: EncoderConfig & DecoderConfig,
  latent: Value,
  order: Value,
): Value {
  const rows = latent.shape[1]!;
  return decodeRows(p, config, { latent, order }, [rows, 1 + patchCount(config)]);
}

/**
 * Predicts the pixels of all patches. Those of the visible ones are no part of any loss.
 *
 * @param latent,order as for {@linkcode decodeMasked}.
 * @returns `[B, L, p * p * 3]`, in the order of `order`.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { decodeAll, decoderParameters } from "./mod.ts";
 *
 * const encoder = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const config = { ...encoder, decoderWidth: 8, decoderDepth: 1, decoderHeads: 2 };
 * const p = new nn.Parameters(decoderParameters(config));
 * const latent = graph.input("latent", "float32", [2, 1 + 4, 8]);
 * const order = graph.input("order", "int64", [2, 16]);
 * console.assert(String(decodeAll(p, config, latent, order).shape) === "2,16,48");
 * ```
 */
export function decodeAll(
  p: Parameters,
  config: EncoderConfig & DecoderConfig,
  latent: Value,
  order: Value,
): Value {
  return decodeRows(p, config, { latent, order }, [1, 1 + patchCount(config)]);
}

/** The decoder, its last block and what follows over the tokens `start <= i < end` alone. */
function decodeRows(
  p: Parameters,
  config: EncoderConfig & DecoderConfig,
  { latent, order }: { readonly latent: Value; readonly order: Value },
  [start, end]: readonly [start: number, end: number],
): Value {
  const { imageSize, patch, decoderWidth: E, decoderDepth, decoderHeads: heads } = config;
  const [B, rows] = latent.shape as [number, number];
  const L = patchCount(config);
  const M = L + 1 - rows;

  const filled = expand(p.get("mask_token"), [B, M, E]);
  const tokens = concat([linear(p, "decoder_embed", latent), filled], 1); // [B, 1 + L, E]
  const table = constant("float32", [1 + L, E], sinCosPositions(E, imageSize / patch));
  const cls = constant("int64", [B, 1], new Uint8Array(B));
  const one = constant("int64", [], [1]);
  const places = concat([cls, add(order, one)], 1); // [B, 1 + L]
  let x = add(tokens, gather(table, places));
  for (let i = 0; i < decoderDepth; i++) {
    const isLast = i === decoderDepth - 1;
    const options = { heads, rows: isLast ? [start, end] as const : undefined };
    x = block(p, `decoder_blocks.${i}`, x, options).y;
  }
  if (decoderDepth === 0) x = slice(x, 1, start, end);
  return linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x)); // [B, end - start, p * p * 3]
}
