/** Models as graphs that run: the gradient of a loss, and what an evaluation wants to know. */
import { emit } from "../../onnx/mod.ts";
import {
  cast,
  gradient,
  input,
  mul,
  type RecomputeOptions,
  reshape,
  type RewriteName,
  segments,
  type Value,
} from "../../graph/mod.ts";
import type { Parameter, Parameters, ParameterView } from "../../nn/mod.ts";
import { type Lowering, mixPrecision } from "../../lower/mod.ts";
import { crop, normalise } from "../../augment/mod.ts";
import type { Recompute } from "../../recipes/mod.ts";
import { traced } from "./traced.ts";
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
  /** Names of those outputs that are told of a micro-batch, `[1]` each; a gradient graph has `loss` among them. */
  readonly scalars: readonly string[];
  /** Parts of parameters that it reads; inputs of the same names. */
  readonly parameters: readonly ParameterView[];
  /** Buffers that it reads; inputs of the same names. */
  readonly buffers: readonly ParameterView[];
  /** Whether it reads `lossScale` `[1]`, by which its gradients are multiplied. */
  readonly scalesLoss: boolean;
}

/**
 * Name of the output that holds the gradient of an input.
 *
 * @example
 * ```ts
 * import { gradientName } from "../mod.ts";
 *
 * console.log(gradientName("head.weight"));
 * ```
 */
export function gradientName(parameterView: string): string {
  return `grad ${parameterView}`;
}

/**
 * Name of the output that holds a buffer's next value.
 *
 * @example
 * ```ts
 * import { nextName } from "../mod.ts";
 *
 * console.log(nextName("projector.1.running_mean"));
 * ```
 */
export function nextName(buffer: string): string {
  return `next ${buffer}`;
}

/**
 * The images of a batch: inputs `images` and, if cropping, `boxes` and `flips`; normalised, `[B, S, S, 3]` with S `imageSize`.
 *
 * @example
 * ```ts
 * import { batchImages } from "../mod.ts";
 *
 * const images = batchImages({ batch: 4, storedSize: 40, crop: true }, 32);
 * console.assert(String(images.shape) === "4,32,32,3");
 * ```
 */
export function batchImages(
  { batch: B, storedSize: S, crop: crops }: BatchConfig,
  imageSize: number,
): Value {
  if (!crops && S !== imageSize) {
    throw new RangeError(`Cannot train at ${imageSize} pixels on images of ${S} without crops`);
  }
  const stored = input("images", "uint8", [B, S, S, 3]);
  const pixels = crops
    ? crop(stored, input("boxes", "float32", [B, 4]), input("flips", "float32", [B]), imageSize)
    : cast(stored, "float32");
  return normalise(pixels);
}

/** What a forward pass reads and gives. */
export interface ForwardPass {
  /** What is told of a micro-batch; `loss` is differentiated. */
  readonly scalars: { readonly loss: Value; readonly [name: string]: Value };
  readonly parameters: Parameters;
  /** Parameters that get no gradient; none unless given. */
  readonly isFrozen?: (parameter: Parameter) => boolean;
  readonly buffers: Parameters;
  /** The buffers after this batch, by name. */
  readonly nextBuffers: Readonly<Record<string, Value>>;
  /** Any input of the batch whose elements are finite float32. */
  readonly tie: Value;
}

/** How a gradient graph is made. */
export interface GradientOptions {
  /** Runs products in a low type; with float16 the gradients come multiplied by the input `lossScale`. */
  readonly lower?: Lowering | null | undefined;
  /** `blocks` keeps of each block its input alone, and computes the rest again in the backward pass. */
  readonly recompute?: Recompute | undefined;
  /** Also give the result of every named part, by `TRACED` and its name. */
  readonly trace?: boolean | undefined;
  /** Further outputs, by name. */
  readonly details?: Readonly<Record<string, Value>>;
  /** Rewrites to apply; all unless given. */
  readonly rewrites?: readonly RewriteName[] | undefined;
}

/**
 * The gradient graph of a forward pass. Outputs: the scalars `[1]`, {@linkcode gradientName} of every view of a parameter that is
 * not frozen, {@linkcode nextName} of every buffer. It updates nothing in place: its outputs must not be bound to its inputs.
 *
 * @throws {TypeError} if the loss does not depend on a parameter that is read and not frozen.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../../mod.ts";
 * import { emitGradient, gradientName } from "../mod.ts";
 *
 * const parameters = new nn.Parameters(nn.linearParameters("head", 8, 3));
 * const x = graph.input("x", "float32", [4, 8]);
 * const y = nn.linear(parameters, "head", x);
 * const loss = graph.reshape(graph.reduceMean(graph.mul(y, y), [0, 1]), [1]);
 * const buffers = new nn.Parameters([]);
 * const { outputs } = emitGradient({ scalars: { loss }, parameters, buffers, nextBuffers: {}, tie: x });
 * console.assert(outputs.includes(gradientName("head.weight")));
 * ```
 */
export function emitGradient(pass: ForwardPass, options: GradientOptions = {}): EmittedGraph {
  const { scalars, parameters, isFrozen = () => false } = pass;
  const inputs = parameters.views.filter(({ parameter }) => !isFrozen(parameter))
    .map((view) => view.value);
  const scalesLoss = options.lower?.type === "float16";
  const blocks = options.recompute === "blocks" ? segments([scalars.loss]) : [];
  const loss = scalesLoss ? scaled(scalars.loss) : scalars.loss;
  const cotangents = gradient(loss, [...inputs, ...blocks]);
  const gradients: Record<string, Value> = {};
  inputs.forEach(({ attrs: { name } }, i) => {
    const dx = cotangents[i];
    if (!dx) throw new TypeError(`Cannot train ${name}: the loss does not depend on it`);
    gradients[gradientName(name)] = dx;
  });
  const others: Record<string, Value> = {};
  for (const [name, value] of Object.entries(pass.nextBuffers)) others[nextName(name)] = value;
  Object.assign(others, options.details, options.trace ? traced([scalars.loss]) : {});
  const again = recomputeOptions(blocks, {
    cotangents: cotangents.slice(inputs.length),
    forward: [scalars.loss, ...Object.values(others)],
    zero: zeroOf(pass.tie),
  });
  return emitGraph("gradient", { ...asViews(scalars), ...gradients, ...others }, {
    ...pass,
    lower: options.lower,
    rewrites: options.rewrites,
    again,
    scalesLoss,
    scalars: Object.keys(scalars),
  });
}

/**
 * The graph of some outputs of a model, without a gradient.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../../mod.ts";
 * import { emitEvaluation } from "../mod.ts";
 *
 * const parameters = new nn.Parameters(nn.linearParameters("head", 8, 3));
 * const logits = nn.linear(parameters, "head", graph.input("x", "float32", [4, 8]));
 * const buffers = new nn.Parameters([]);
 * const { outputs } = emitEvaluation({ logits }, { parameters, buffers });
 * console.assert(String(outputs) === "logits");
 * ```
 */
export function emitEvaluation(
  outputs: Readonly<Record<string, Value>>,
  options:
    & Pick<ForwardPass, "parameters" | "buffers">
    & Pick<GradientOptions, "lower" | "rewrites">,
): EmittedGraph {
  return emitGraph("evaluate", outputs, { ...options, scalesLoss: false, scalars: [] });
}

/** The loss times the loss scale, so that small cotangents do not underflow. */
function scaled(loss: Value): Value {
  return mul(loss, reshape(input("lossScale", "float32", [1]), []));
}

/** Scalars as `[1]`, so that they are views like everything else. */
function asViews(scalars: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(scalars).map(([name, x]) => [name, reshape(x, [1])]));
}

function emitGraph(
  name: string,
  outputs: Readonly<Record<string, Value>>,
  { parameters, buffers, lower, rewrites, again = null, scalesLoss, scalars }:
    & Pick<ForwardPass, "parameters" | "buffers">
    & Pick<EmittedGraph, "scalars" | "scalesLoss">
    & Pick<GradientOptions, "lower" | "rewrites">
    & { again?: RecomputeOptions | null },
): EmittedGraph {
  const fused = fuseAndRecompute(Object.values(outputs), { again, rewrites });
  const weights = new Set<Value>(parameters.views.map((view) => view.value));
  const typed = lower ? mixPrecision(fused, { ...lower, weights }) : fused;
  const named = Object.fromEntries(Object.keys(outputs).map((key, i) => [key, typed[i]!]));
  return {
    model: emit(named, { name }),
    outputs: Object.keys(outputs),
    scalars,
    parameters: parameters.views,
    buffers: buffers.views,
    scalesLoss,
  };
}
