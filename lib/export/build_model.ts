/** From a trained model to an ONNX model: values, batches of any size, weights, precision. */
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from "../augment/mod.ts";
import { mixPrecision } from "../lower/mod.ts";
import { type Message, openBatch, type SizedGraph, toModel } from "../onnx/mod.ts";
import { Parameters, type ParameterView } from "../nn/mod.ts";
import { foldConstants } from "./fold.ts";
import {
  imageModel,
  imageModelParameters,
  type ImageModelPlan,
  TOKEN_BASE,
} from "./image_model.ts";
import type { ExportDType, Quantization } from "./options.ts";
import { plainProducts } from "./plain_products.ts";
import { quantizeWeights } from "./quantize.ts";
import type { ExportSource } from "./source.ts";
import { bindWeights, weightsOf } from "./weights.ts";

/** How a model is made. */
export interface BuildOptions extends Pick<ImageModelPlan, "input" | "outputs"> {
  /** Type of weights and products. */
  readonly dtype: ExportDType;
  /** Type in which the weights of products are stored; null if that is `dtype`. */
  readonly quantize: Quantization | null;
  /** Further entries of the metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Batch sizes that the graph is emitted at to find where the batch is: primes that no model has. */
const SIZES = [1_000_003, 1_000_033] as const;

/**
 * The model for batches of any size, in ONNX's own ops of opset 21.
 *
 * @param source without its classes to leave the head out.
 * @throws {DataError} if the source lacks a tensor, or it has another shape.
 *
 * @example
 * ```ts
 * import { buildModel, readExportSource } from "./mod.ts";
 *
 * const source = readExportSource("run");
 * const model = buildModel(source, {
 *   input: "uint8",
 *   outputs: ["cls"],
 *   dtype: "float32",
 *   quantize: null,
 * });
 * console.assert(model.graph!.output![0]!.name === "cls");
 * ```
 */
export function buildModel(source: ExportSource, options: BuildOptions): Message<"Model"> {
  const { encoder, pooledNorm, classes } = source;
  const plan: ImageModelPlan = { ...options, encoder, pooledNorm, classes };
  const weights = weightsOf(source, imageModelParameters(plan));
  const metadata = { ...describe(source, plan, options), ...options.metadata };
  const [a, b] = SIZES.map((batch) => emitSized(plan, options, { batch, metadata }));
  const opened = openBatch(a!.sized, b!.sized);
  const folded = foldConstants(bindWeights(opened, weights, a!.views));
  const graph = options.quantize === null ? folded : quantizeWeights(folded);
  return { ...a!.model, graph };
}

function emitSized(
  plan: ImageModelPlan,
  { dtype }: BuildOptions,
  { batch, metadata }: { batch: number; metadata: Readonly<Record<string, string>> },
): { sized: SizedGraph; model: Message<"Model">; views: readonly ParameterView[] } {
  const p = new Parameters(imageModelParameters(plan));
  const outputs = imageModel(p, plan, batch);
  const names = Object.keys(outputs);
  let values = plainProducts(Object.values(outputs));
  if (dtype === "float16") {
    // Positions are no weights of products: what is added to them, the residual stream, stays float32
    const weights = p.views.filter(({ parameter }) => parameter.name !== TOKEN_BASE);
    const inputs = new Set(weights.map(({ value }) => value));
    values = mixPrecision(values, { type: "float16", weights: inputs });
  }
  const named = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const model = toModel(named, { name: "vit", metadata, standardOnly: true });
  return { sized: { batch, graph: model.graph! }, model, views: p.views };
}

/** What a user of the file must know, and where it comes from. */
function describe(
  { encoder, provenance }: ExportSource,
  { classes, pooledNorm, input, outputs }: ImageModelPlan,
  { dtype, quantize }: BuildOptions,
): Record<string, string> {
  const { imageSize, patch, width, depth, heads } = encoder;
  return {
    ...provenance,
    image_size: String(imageSize),
    patch_size: String(patch),
    width: String(width),
    depth: String(depth),
    heads: String(heads),
    input: input === "uint8"
      ? "RGB 0-255, NHWC, normalised inside"
      : "RGB / 255, less mean, over std, NCHW",
    mean: JSON.stringify(IMAGENET_MEAN),
    std: JSON.stringify(IMAGENET_DEVIATION),
    interpolation: "bicubic",
    outputs: JSON.stringify(outputs),
    dtype,
    ...quantize === null ? {} : { quantize },
    pool: pooledNorm ? "mean" : "cls",
    ...classes === null ? {} : { classes: JSON.stringify(classes) },
  };
}
