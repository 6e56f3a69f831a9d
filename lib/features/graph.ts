/** The feature graph: stored images -> features. */
import { crop, normalise } from "../augment/mod.ts";
import { cast, fuse, input, type Value } from "../graph/mod.ts";
import { type Lowering, mixPrecision } from "../lower/mod.ts";
import { Parameters, type ParameterView } from "../nn/mod.ts";
import { emit } from "../onnx/mod.ts";
import type { EncoderConfig } from "../vit/mod.ts";
import type { FeatureKind } from "./kind.ts";
import { featureParameters, features } from "./model.ts";

/** What a feature graph is made for. */
export interface FeatureGraphOptions {
  readonly config: EncoderConfig;
  readonly kind: FeatureKind;
  /** Images of one run. */
  readonly batch: number;
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
  /** See {@linkcode featureParameters}. */
  readonly pooledNorm?: boolean;
  /** Runs products in a low type. */
  readonly lower?: Lowering | null;
}

/** A model to run, and the parts of parameters that are inputs of it. */
export interface FeatureGraph {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly parameters: readonly ParameterView[];
}

/**
 * The graph. Inputs: `images` uint8 `[B, S, S, 3]`, `boxes` `[B, 4]`, `flips` `[B]`, parameters. Output: `features` `[B, F]`,
 * float32.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { featureGraph } from "./mod.ts";
 *
 * const config = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * const kind = { pool: "cls", layers: "last" } as const;
 * const { model } = featureGraph({ config, kind, batch: 4, storedSize: 20 });
 * using environment = runtime.Environment.open();
 * using session = environment.session(model);
 * console.assert(String(session.outputs[0]!.shape) === "4,8");
 * ```
 */
export function featureGraph(options: FeatureGraphOptions): FeatureGraph {
  const { config, kind, batch: B, storedSize: S, lower, pooledNorm = false } = options;
  const parameters = new Parameters(featureParameters(config, { pooledNorm }));
  const stored = input("images", "uint8", [B, S, S, 3]);
  const boxes = input("boxes", "float32", [B, 4]);
  const flips = input("flips", "float32", [B]);
  const images = normalise(crop(stored, boxes, flips, config.imageSize));
  const [fused] = fuse([features(parameters, config, images, kind)]) as [Value];
  const weights = new Set<Value>(parameters.views.map(({ value }) => value));
  const [typed] = (lower ? mixPrecision([fused], { ...lower, weights }) : [fused]) as [Value];
  return {
    model: emit({ features: cast(typed, "float32") }, { name: "features" }),
    parameters: parameters.views,
  };
}
