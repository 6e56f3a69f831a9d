/** The pretraining model: ccMIM, and MAE as its special case. */
import { add, mul, permuteRows, scoped, slice, stopGradient, type Value } from "../graph/mod.ts";
import type { Parameter, Parameters } from "../nn/mod.ts";
import {
  clsAttentionSum,
  clsRow,
  decodeMasked,
  type DecoderConfig,
  decoderParameters,
  embed,
  encode,
  encodeCls,
  type EncoderConfig,
  encoderParameters,
  patchCount,
  patchify,
} from "../vit/mod.ts";
import {
  alignmentLoss,
  project,
  projectorParameters,
  type ProjectorStatistics,
} from "./alignment.ts";
import { maskingKey, maskingOrder, needsScores, type Sampling } from "./masking.ts";
import { reconstructionLoss, reconstructionTarget } from "./reconstruction.ts";

/** `target`: the masked side of the alignment is a constant of the loss; `both`: it gets a gradient as well. */
export const ALIGN_GRADIENTS = ["target", "both"] as const;

/** One of {@linkcode ALIGN_GRADIENTS}. */
export type AlignGradient = (typeof ALIGN_GRADIENTS)[number];

/** Everything that decides the model and its losses. */
export interface PretrainingConfig {
  /** Sizes of the encoder. */
  readonly model: EncoderConfig & DecoderConfig & { readonly projectorWidth: number };
  /** Which patches are masked. */
  readonly masking: {
    /** Share of patches that are masked, in (0, 1). */
    readonly ratio: number;
    readonly sampling: Sampling;
    /** tau, divides the scores. */
    readonly scoreTemperature: number;
  };
  /** The alignment loss. */
  readonly align: {
    /** lambda; 0 leaves out the masked branch and the projector. */
    readonly weight: number;
    /** T of the contrast. */
    readonly temperature: number;
    readonly gradient: AlignGradient;
  };
  /** Normalise the target pixels per patch. */
  readonly normPixLoss: boolean;
}

/**
 * Visible patches K = floor(L (1 - ratio)).
 *
 * @example
 * ```ts
 * import { visual, vit } from "../../mod.ts";
 * import { visibleCount } from "./mod.ts";
 *
 * const { config } = visual.runModel("run");
 * console.assert(visibleCount(config) === vit.patchCount(config.model) / 4);
 * ```
 */
export function visibleCount({ model, masking }: PretrainingConfig): number {
  return Math.floor(patchCount(model) * (1 - masking.ratio));
}

/**
 * All parameters, in the order of MAE's checkpoints.
 *
 * @example
 * ```ts
 * import { visual } from "../../mod.ts";
 * import { pretrainingParameters } from "./mod.ts";
 *
 * const names = pretrainingParameters(visual.runModel("run").config).map(({ name }) => name);
 * console.assert(names.includes("mask_token") && names.includes("projector.0.weight"));
 * ```
 */
export function pretrainingParameters({ model, align }: PretrainingConfig): Parameter[] {
  return [
    ...encoderParameters(model),
    ...decoderParameters(model),
    ...align.weight > 0 ? projectorParameters(model.width, model.projectorWidth) : [],
  ];
}

/**
 * Buffers: training state that no gradient reaches. Empty without alignment.
 *
 * @example
 * ```ts
 * import { visual } from "../../mod.ts";
 * import { pretrainingBuffers } from "./mod.ts";
 *
 * const names = pretrainingBuffers(visual.runModel("run").config).map(({ name }) => name);
 * console.assert(names.includes("projector.1.running_mean"));
 * ```
 */
export function pretrainingBuffers({ model, align }: PretrainingConfig): Parameter[] {
  const statistics = (name: string, width: number): Parameter[] => [
    { name: `${name}.running_mean`, shape: [width], init: "zeros" },
    { name: `${name}.running_var`, shape: [width], init: "ones" },
  ];
  if (align.weight === 0) return [];
  return [
    ...statistics("projector.1", model.width),
    ...statistics("projector.4", model.projectorWidth),
  ];
}

/** What a forward pass gives. */
export interface PretrainingOutput {
  /** rec + lambda align, a scalar. */
  readonly loss: Value;
  readonly rec: Value;
  /** null without alignment. */
  readonly align: Value | null;
  /** The buffers after this batch, by name. */
  readonly buffers: Readonly<Record<string, Value>>;
  /** For inspection: attention of CLS, ranking key `[B, L]`, order (int64 `[B, L]`), prediction and target `[B, M, P]`, latent `[B, 1 + K, D]`. */
  readonly details: {
    readonly scores: Value | null;
    readonly key: Value;
    readonly order: Value;
    readonly prediction: Value;
    readonly target: Value;
    readonly latent: Value;
  };
}

/**
 * The forward pass.
 *
 * @param p parameters.
 * @param buffers running statistics.
 * @param images normalised, `[B, S, S, 3]`.
 * @param noise uniform in [0, 1), `[B, L]`.
 *
 * @example
 * ```ts
 * import { graph, nn, visual, vit } from "../../mod.ts";
 * import { pretrainingBuffers, pretrainingModel, pretrainingParameters } from "./mod.ts";
 *
 * const { config } = visual.runModel("run");
 * const { imageSize: S } = config.model;
 * const { rec } = pretrainingModel(
 *   new nn.Parameters(pretrainingParameters(config)),
 *   new nn.Parameters(pretrainingBuffers(config)),
 *   config,
 *   {
 *     images: graph.input("images", "float32", [4, S, S, 3]),
 *     noise: graph.input("noise", "float32", [4, vit.patchCount(config.model)]),
 *   },
 * );
 * console.assert(String(rec.shape) === "");
 * ```
 */
export function pretrainingModel(
  p: Parameters,
  buffers: Parameters,
  config: PretrainingConfig,
  batch: { readonly images: Value; readonly noise: Value },
): PretrainingOutput {
  const { model, masking, align, normPixLoss } = config;
  const L = patchCount(model);
  const K = visibleCount(config);
  const patches = patchify(batch.images, model.patch); // [B, L, P]

  const scores = needsScores(masking.sampling)
    ? scoped("score", () => {
      return stopGradient(clsAttentionSum(p, model, embed(p, model, patches))); // [B, L]
    })
    : null;
  const { key, order, sorted } = scoped("mask", () => {
    const key = maskingKey(masking.sampling, batch.noise, scores, masking.scoreTemperature);
    const order = maskingOrder(key);
    return { key, order, sorted: permuteRows(patches, order) };
  });
  const side = (start: number, end: number) => ({
    patches: slice(sorted, 1, start, end),
    ids: slice(order, 1, start, end),
  });
  const visible = side(0, K);
  const masked = side(K, L);

  const latent = scoped("visible", () => {
    return encode(p, model, embed(p, model, visible.patches, visible.ids)); // [B, 1 + K, D]
  });
  const prediction = scoped("decoder", () => decodeMasked(p, model, latent, order)); // [B, M, P]
  const { target, rec } = scoped("reconstruction", () => {
    const target = reconstructionTarget(masked.patches, normPixLoss); // [B, M, P]
    return { target, rec: reconstructionLoss(prediction, target) };
  });
  const details = { scores, key, order, prediction, target, latent };
  if (align.weight === 0) return { loss: rec, rec, align: null, buffers: {}, details };

  const opposite = scoped("masked", () => {
    return encodeCls(p, model, embed(p, model, masked.patches, masked.ids)); // [B, D]
  });
  const { alignment, statistics } = scoped("alignment", () => {
    const first = project(p, clsRow(latent), readStatistics(buffers));
    const second = project(p, opposite, first.statistics);
    const other = align.gradient === "target" ? stopGradient(second.z) : second.z;
    const alignment = alignmentLoss(first.z, other, align.temperature);
    return { alignment, statistics: second.statistics };
  });
  return {
    loss: add(rec, mul(alignment, align.weight)),
    rec,
    align: alignment,
    buffers: writeStatistics(statistics),
    details,
  };
}

function readStatistics(buffers: Parameters): ProjectorStatistics {
  const read = (name: string) => ({
    mean: buffers.get(`${name}.running_mean`),
    variance: buffers.get(`${name}.running_var`),
  });
  return { hidden: read("projector.1"), output: read("projector.4") };
}

function writeStatistics({ hidden, output }: ProjectorStatistics): Record<string, Value> {
  return {
    "projector.1.running_mean": hidden.mean,
    "projector.1.running_var": hidden.variance,
    "projector.4.running_mean": output.mean,
    "projector.4.running_var": output.variance,
  };
}
