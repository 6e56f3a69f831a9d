/** The gradient graph: batch, noise, parameters, buffers -> losses, gradients, next buffers. */
import { emit } from "../../onnx/mod.ts";
import {
  cast,
  gradient,
  input,
  mul,
  type RecomputeOptions,
  reduceMean,
  reshape,
  segments,
  type Value,
} from "../../graph/mod.ts";
import { Parameters, type ParameterView } from "../../nn/mod.ts";
import { type Lowering, mixPrecision } from "../../lower/mod.ts";
import { crop, normalise } from "../../augment/mod.ts";
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingModel,
  type PretrainingOutput,
  pretrainingParameters,
  reconstructionLoss,
} from "../../ccmim/mod.ts";
import type { Recompute } from "../../recipes/mod.ts";
import { patchCount } from "../../vit/mod.ts";
import { fuseAndRecompute, recomputeOptions, zeroOf } from "./recomputed.ts";

/** What a graph of the model needs to know beside the model. */
export interface BatchConfig {
  /** Images in one micro-batch. */
  readonly batch: number;
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
  /** Whether boxes are cut out of the stored images; if not, they are taken as they are. */
  readonly crop: boolean;
}

/** A model to run, and how its inputs and outputs map to state. */
export interface EmittedGraph {
  readonly model: Uint8Array<ArrayBuffer>;
  /** Names of its outputs. */
  readonly outputs: readonly string[];
  /** Parts of parameters that it reads; inputs of the same names. */
  readonly parameters: readonly ParameterView[];
  /** Buffers that it reads; inputs of the same names. */
  readonly buffers: readonly ParameterView[];
  /** Whether it reads `lossScale` `[1]`, by which its gradients are multiplied. */
  readonly scalesLoss: boolean;
}

/** Name of the output that holds the gradient of an input. */
export function gradientName(parameterView: string): string {
  return `grad ${parameterView}`;
}

/** Name of the output that holds a buffer's next value. */
export function nextName(buffer: string): string {
  return `next ${buffer}`;
}

/** The forward pass over inputs `images`, `boxes` and `flips` (if cropping), `noise`. */
function forward(
  config: PretrainingConfig,
  { batch: B, storedSize: S, crop: crops }: BatchConfig,
): { output: PretrainingOutput; parameters: Parameters; buffers: Parameters; noise: Value } {
  const { imageSize } = config.model;
  if (!crops && S !== imageSize) {
    throw new RangeError(`Cannot train at ${imageSize} pixels on images of ${S} without crops`);
  }
  const parameters = new Parameters(pretrainingParameters(config));
  const buffers = new Parameters(pretrainingBuffers(config));
  const stored = input("images", "uint8", [B, S, S, 3]);
  const pixels = crops
    ? crop(stored, input("boxes", "float32", [B, 4]), input("flips", "float32", [B]), imageSize)
    : cast(stored, "float32");
  const noise = input("noise", "float32", [B, patchCount(config.model)]);
  const batch = { images: normalise(pixels), noise };
  const output = pretrainingModel(parameters, buffers, config, batch);
  return { output, parameters, buffers, noise };
}

/** The loss times the loss scale, so that small cotangents do not underflow. */
function scaled(loss: Value): Value {
  return mul(loss, reshape(input("lossScale", "float32", [1]), []));
}

/** Losses as `[1]`, so that they are views like everything else. */
function losses({ loss, rec, align }: PretrainingOutput): Record<string, Value> {
  const all = { loss, rec, ...align ? { align } : {} };
  return Object.fromEntries(Object.entries(all).map(([name, x]) => [name, reshape(x, [1])]));
}

function emitGraph(
  name: string,
  outputs: Record<string, Value>,
  model: { parameters: Parameters; buffers: Parameters },
  options: {
    lower?: Lowering | null | undefined;
    again?: RecomputeOptions | null;
    scalesLoss?: boolean;
  } = {},
): EmittedGraph {
  const { lower, again = null, scalesLoss = false } = options;
  const fused = fuseAndRecompute(Object.values(outputs), again);
  const weights = new Set<Value>(model.parameters.views.map((view) => view.value));
  const typed = lower ? mixPrecision(fused, { ...lower, weights }) : fused;
  const named = Object.fromEntries(Object.keys(outputs).map((key, i) => [key, typed[i]!]));
  return {
    model: emit(named, { name }),
    outputs: Object.keys(outputs),
    parameters: model.parameters.views,
    buffers: model.buffers.views,
    scalesLoss,
  };
}

/**
 * The gradient graph. Outputs: `loss`, `rec`, `align` `[1]`, {@linkcode gradientName} of every parameter view,
 * {@linkcode nextName} of every buffer. It updates nothing in place: its outputs must not be bound to its inputs.
 *
 * @param options.lower runs products in a low type; with float16 the gradients come multiplied by the input `lossScale`.
 * @param options.recompute `blocks` keeps of each block its input alone, and computes the rest again in the backward pass.
 * @param options.inspect also give `cls_attn`, `key`, `order`, `latent`, `prediction`.
 */
export function gradientGraph(
  config: PretrainingConfig,
  batch: BatchConfig,
  options: { inspect?: boolean; lower?: Lowering | null; recompute?: Recompute } = {},
): EmittedGraph {
  const model = forward(config, batch);
  const { output, parameters } = model;
  const inputs = parameters.views.map((view) => view.value);
  const scalesLoss = options.lower?.type === "float16";
  const blocks = options.recompute === "blocks" ? segments([output.loss]) : [];
  const loss = scalesLoss ? scaled(output.loss) : output.loss;
  const cotangents = gradient(loss, [...inputs, ...blocks]);
  const gradients: Record<string, Value> = {};
  inputs.forEach(({ attrs: { name } }, i) => {
    const dx = cotangents[i];
    if (!dx) throw new TypeError(`Cannot train ${name}: the loss does not depend on it`);
    gradients[gradientName(name)] = dx;
  });
  const others: Record<string, Value> = {};
  for (const [name, value] of Object.entries(output.buffers)) others[nextName(name)] = value;
  if (options.inspect) Object.assign(others, details(output));
  const again = recomputeOptions(blocks, {
    cotangents: cotangents.slice(inputs.length),
    forward: [output.loss, ...Object.values(others)],
    zero: zeroOf(model.noise),
  });
  return emitGraph("gradient", { ...losses(output), ...gradients, ...others }, model, {
    lower: options.lower ?? null,
    again,
    scalesLoss,
  });
}

/**
 * The evaluation graph, without a gradient or the masked branch. Outputs: `rec`, and `mean`, the reconstruction loss of a
 * model that predicts the mean of its targets, `[1]` each.
 */
export function evaluationGraph(
  config: PretrainingConfig,
  batch: BatchConfig,
  options: { lower?: Lowering | null } = {},
): EmittedGraph {
  const model = forward({ ...config, align: { ...config.align, weight: 0 } }, batch);
  const { rec, details: { target } } = model.output;
  const mean = reconstructionLoss(reduceMean(target, [0, 1, 2], true), target);
  return emitGraph(
    "evaluate",
    { rec: reshape(rec, [1]), mean: reshape(mean, [1]) },
    model,
    options,
  );
}

function details({ details }: PretrainingOutput): Record<string, Value> {
  const { scores, key, order, prediction, latent } = details;
  return { ...scores ? { cls_attn: scores } : {}, key, order, prediction, latent };
}
