/** The classifier that fine-tuning trains: an encoder with positions of its own and a linear head (He et al. 2022, appendix A.1). */
import { reduceMean, scoped, slice, type Value } from "../graph/mod.ts";
import {
  block,
  layerNorm,
  layerNormParameters,
  linear,
  type Parameter,
  type Parameters,
} from "../nn/mod.ts";
import {
  clsRow,
  embed,
  type EncoderConfig,
  encoderParameters,
  patchify,
  positionParameter,
} from "../vit/mod.ts";
import type { Pool } from "../features/mod.ts";
import { pathFactors } from "./drop_path.ts";

/** What a classifier is made of. */
export interface ClassifierConfig {
  /** Sizes of the encoder. */
  readonly model: EncoderConfig;
  /** What the head reads: the mean of the patches, normalised by `fc_norm`, or CLS, normalised by `norm`. */
  readonly pool: Pool;
  /** Names of the classes, C, in the order of the logits. */
  readonly classes: readonly string[];
}

/**
 * Deviation of the head's first weights. MAE and BEiT draw them from a normal distribution that is cut off at 2, which is 100,000
 * deviations away.
 */
const HEAD_DEVIATION = 2e-5;

/**
 * The parameters, by the names of timm and MAE. Positions are among them.
 *
 * @example
 * ```ts
 * import { classifierParameters } from "./mod.ts";
 *
 * const model = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const parameters = classifierParameters({ model, pool: "mean", classes: ["cat", "dog"] });
 * console.assert(parameters.some(({ name, shape }) => name === "head.weight" && shape[0] === 2));
 * ```
 */
export function classifierParameters({ model, pool, classes }: ClassifierConfig): Parameter[] {
  const { width } = model;
  const encoder = encoderParameters(model).filter(({ name }) => !name.startsWith("norm."));
  const C = classes.length;
  return [
    ...encoder,
    positionParameter(model),
    ...layerNormParameters(normOf(pool), width),
    { name: "head.weight", shape: [C, width], init: { normal: HEAD_DEVIATION } },
    { name: "head.bias", shape: [C], init: "zeros" },
  ];
}

/** Name of the norm before the head. */
function normOf(pool: Pool): "fc_norm" | "norm" {
  return pool === "mean" ? "fc_norm" : "norm";
}

/** What training adds to the forward pass. */
export interface Dropping {
  /** Rate of the last block; that of block i of N is `rate * i / (N - 1)`. */
  readonly rate: number;
  /** Uniform numbers in [0, 1), {@linkcode pathDraws} for each sample. */
  readonly draws: Value;
}

/**
 * The logits of images.
 *
 * @param images normalised, `[B, S, S, 3]`.
 * @param dropping drops branches of blocks; none unless given.
 * @returns `[B, C]`.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { classifierParameters, classify } from "./mod.ts";
 *
 * const model = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const config = { model, pool: "mean", classes: ["cat", "dog"] } as const;
 * const p = new nn.Parameters(classifierParameters(config));
 * const logits = classify(p, config, graph.input("images", "float32", [4, 16, 16, 3]));
 * console.assert(String(logits.shape) === "4,2");
 * ```
 */
export function classify(
  p: Parameters,
  { model, pool }: ClassifierConfig,
  images: Value,
  dropping: Dropping | null = null,
): Value {
  const { depth, heads } = model;
  let x = scoped("embed", () => embed(p, model, patchify(images, model.patch))); // [B, 1 + L, D]
  for (let i = 0; i < depth; i++) {
    const rows = pool === "cls" && i === depth - 1 ? [0, 1] as const : undefined;
    const factors = dropping === null ? null : pathFactors(dropping, i, depth);
    x = block(p, `blocks.${i}`, x, { heads, rows, factors }).y;
  }
  return scoped("head", () => {
    const pooled = pool === "cls" ? clsRow(x) : reduceMean(slice(x, 1, 1, x.shape[1]!), [1]); // [B, D]
    return linear(p, "head", layerNorm(p, normOf(pool), pooled));
  });
}
