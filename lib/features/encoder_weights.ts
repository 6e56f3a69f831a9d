/** An encoder to take features from: of a checkpoint, or as training would start it. */
import { join } from "node:path";
import type { StoredTensor } from "../checkpoint/mod.ts";
import { DataError, sha256OfFile } from "../data/mod.ts";
import { initialise, type Parameter, sinCosPositions } from "../nn/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import { type EncoderConfig, encoderParameters, positionParameter } from "../vit/mod.ts";
import { type LoadOptions, loadWeights, showReport } from "../weights/mod.ts";
import type { FeatureKind } from "./kind.ts";

/** What is given in place of a checkpoint for an encoder that nothing was taught. */
export const RANDOM = "random";

/** An encoder with its weights. */
export interface EncoderWeights {
  readonly config: EncoderConfig;
  /** Parameters and `pos_embed`, float32, by the names of MAE. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Whether its norm comes after the mean of the patches: see {@linkcode featureParameters}. */
  readonly pooledNorm: boolean;
  readonly origin: EncoderOrigin;
}

/** Where weights come from. */
export interface EncoderOrigin {
  /** As it was given: a path, or `random`. */
  readonly checkpoint: string;
  /** The file that was read; null for random weights. */
  readonly file: string | null;
  /** SHA-256 of the file; null for random weights. */
  readonly sha256: string | null;
  /** Seed of random weights; null for others. */
  readonly seed: number | null;
  /** How the file's tensors matched, in words; null for random weights. */
  readonly match: string | null;
}

/**
 * The weights that training with `seed` starts from.
 *
 * @example
 * ```ts
 * import { randomEncoder } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * console.assert(randomEncoder(config, 0).tensors.has("cls_token"));
 * ```
 */
export function randomEncoder(config: EncoderConfig, seed: number): EncoderWeights {
  const first = (parameter: Parameter): StoredTensor => {
    const values = new Float32Array(sizeOf(parameter.shape));
    initialise(values, parameter, seed);
    return stored(parameter, values);
  };
  const positions = positionParameter(config);
  const fixed = sinCosPositions(config.width, config.imageSize / config.patch);
  return {
    config,
    tensors: new Map([
      ...encoderParameters(config).map((p) => [p.name, first(p)] as const),
      [positions.name, stored(positions, fixed)],
    ]),
    pooledNorm: false,
    origin: { checkpoint: RANDOM, file: null, sha256: null, seed, match: null },
  };
}

/**
 * The encoder of a run, a checkpoint or a file: see {@linkcode loadWeights}.
 *
 * @param options.heads where nothing says them.
 * @param options.partial take what matches an encoder, and leave missing tensors as training with seed 0 would start them.
 * @throws {DataError} if there is none, or it matches in part only.
 * @throws {ConfigError} if the heads cannot be, or have to be told.
 *
 * @example
 * ```ts
 * import { loadEncoder } from "./mod.ts";
 *
 * const { config, tensors } = loadEncoder("run");
 * console.assert(config.width === 16 && tensors.has("cls_token"));
 * ```
 */
export function loadEncoder(
  path: string,
  options: Omit<LoadOptions, "parts"> = {},
): EncoderWeights {
  const weights = loadWeights(path, { ...options, parts: "all" });
  const { sizes: config, kind, report } = weights;
  const pooledNorm = !weights.tensors.has("norm.weight") && weights.tensors.has("fc_norm.weight");
  const file = kind === "file" ? weights.path : join(weights.path, "model.safetensors");
  return {
    config,
    tensors: new Map([...randomEncoder(config, 0).tensors, ...weights.tensors]),
    pooledNorm,
    origin: {
      checkpoint: path,
      file,
      sha256: sha256OfFile(file),
      seed: null,
      match: showReport(report),
    },
  };
}

/**
 * @throws {DataError} if the encoder has no features of the kind.
 *
 * @example
 * ```ts
 * import { checkKind, loadEncoder } from "./mod.ts";
 *
 * checkKind(loadEncoder("run"), { pool: "cls", layers: "last" });
 * ```
 */
export function checkKind({ pooledNorm, origin }: EncoderWeights, kind: FeatureKind): void {
  if (!pooledNorm || (kind.pool === "mean" && kind.layers === "last")) return;
  throw new DataError(
    `Cannot take other features of ${origin.checkpoint} than --pool mean --layers last: ` +
      "it was fine-tuned on the mean of its patches, and has no norm for its tokens",
  );
}

function stored({ shape }: Parameter, { buffer, byteOffset, byteLength }: Float32Array) {
  return { dtype: "float32", shape, data: new Uint8Array(buffer, byteOffset, byteLength) } as const;
}
