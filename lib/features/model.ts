/** Features as values: what an encoder says of an image, after its final norm. */
import { concat, reduceMean, scoped, slice, type Value } from "../graph/mod.ts";
import {
  block,
  layerNorm,
  layerNormParameters,
  type Parameter,
  type Parameters,
} from "../nn/mod.ts";
import {
  clsRow,
  embed,
  encodeCls,
  type EncoderConfig,
  encoderParameters,
  patchify,
  positionParameter,
} from "../vit/mod.ts";
import type { FeatureKind, Pool } from "./kind.ts";

/** The norms of a fine-tuned model that pools its patches: one after the mean, none of the tokens. */
const POOLED_NORM = "fc_norm";

/**
 * Numbers of an image's features, F.
 *
 * @example
 * ```ts
 * import { featureWidth } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 2, heads: 2, mlpRatio: 4 };
 * console.assert(featureWidth(config, { pool: "cls", layers: "all" }) === 16);
 * ```
 */
export function featureWidth({ width, depth }: EncoderConfig, { layers }: FeatureKind): number {
  return layers === "all" ? width * depth : width;
}

/**
 * What features are computed from: the encoder's parameters, with its positions.
 *
 * @param options.pooledNorm whether the norm comes after the mean of the patches (`fc_norm`), as in a model that was fine-tuned
 * on it, in place of the encoder's own.
 *
 * @example
 * ```ts
 * import { featureParameters } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const names = featureParameters(config, { pooledNorm: false }).map(({ name }) => name);
 * console.assert(names.includes("pos_embed"));
 * ```
 */
export function featureParameters(
  config: EncoderConfig,
  options: { readonly pooledNorm: boolean },
): Parameter[] {
  const all = [...encoderParameters(config), positionParameter(config)];
  if (!options.pooledNorm) return all;
  const others = all.filter(({ name }) => !name.startsWith("norm."));
  return [...others, ...layerNormParameters(POOLED_NORM, config.width)];
}

/**
 * Features of images.
 *
 * Of all layers, each block's output passes through the final norm, is pooled, and stands beside the others in their order.
 *
 * @param p of {@linkcode featureParameters}.
 * @param images normalised, `[B, S, S, 3]`.
 * @returns `[B, F]`, F as {@linkcode featureWidth} says.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { featureParameters, features } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 2, heads: 2, mlpRatio: 4 };
 * const p = new nn.Parameters(featureParameters(config, { pooledNorm: false }));
 * const images = graph.input("images", "float32", [2, 16, 16, 3]);
 * const y = features(p, config, images, { pool: "cls", layers: "all" });
 * console.assert(String(y.shape) === "2,16");
 * ```
 */
export function features(
  p: Parameters,
  config: EncoderConfig,
  images: Value,
  { pool, layers }: FeatureKind,
): Value {
  const { depth, heads } = config;
  const tokens = scoped("embed", () => embed(p, config, patchify(images, config.patch)));
  if (pool === "cls" && layers === "last") return encodeCls(p, config, tokens);
  const found: Value[] = [];
  let x = tokens;
  for (let i = 0; i < depth; i++) {
    x = block(p, `blocks.${i}`, x, { heads }).y;
    if (layers === "all" || i === depth - 1) found.push(pooled(p, x, pool));
  }
  return concat(found as [Value, ...Value[]], 1);
}

/** Tokens `[B, 1 + L, D]` after the norm, pooled: `[B, D]`. */
function pooled(p: Parameters, tokens: Value, pool: Pool): Value {
  const patches = (x: Value) => slice(x, 1, 1, x.shape[1]!); // [B, L, D]
  return scoped("pool", () => {
    if (pool === "cls") return clsRow(layerNorm(p, "norm", slice(tokens, 1, 0, 1)));
    if (p.has(`${POOLED_NORM}.weight`)) {
      return layerNorm(p, POOLED_NORM, reduceMean(patches(tokens), [1]));
    }
    return reduceMean(layerNorm(p, "norm", patches(tokens)), [1]);
  });
}
