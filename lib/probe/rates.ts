/** Many linear heads on the same features, one for each learning rate, in one graph. */
import { add, concat, gather, input, type Value } from "../graph/mod.ts";
import { type Parameter, Parameters } from "../nn/mod.ts";
import { emitEvaluation, emitGradient, type EmittedGraph } from "../train/mod.ts";
import {
  crossEntropy,
  headBuffers,
  headParameters,
  logits,
  normaliseBatch,
  normaliseRunning,
} from "./head.ts";

/** Sizes of the graphs. */
export interface RateSizes {
  /** Rows of the table of features. */
  readonly count: number;
  /** Numbers of an image's features. */
  readonly width: number;
  readonly batch: number;
  readonly classes: number;
  /** Heads. */
  readonly rates: number;
}

/** Name of the head of a learning rate. */
export function rateName(index: number): string {
  return `head.1.${index}`;
}

/** Which learning rate a parameter of {@linkcode ratesParameters} is for. */
export function rateOf(parameter: string): number {
  return Number(parameter.split(".")[2]);
}

/** The parameters of all heads. */
export function ratesParameters({ width, classes, rates }: RateSizes): Parameter[] {
  return Array.from({ length: rates }, (_, i) => headParameters(width, classes, rateName(i)))
    .flat();
}

function forward(sizes: RateSizes) {
  const { count, width, batch } = sizes;
  const parameters = new Parameters(ratesParameters(sizes));
  const buffers = new Parameters(headBuffers(width));
  const rows = input("rows", "int64", [batch]);
  const table = input("features", "float32", [count, width]);
  const all = (x: Value) =>
    Array.from({ length: sizes.rates }, (_, i) => logits(parameters, x, rateName(i)));
  return { parameters, buffers, table, rows, features: gather(table, rows), all };
}

/**
 * The gradient graph: inputs `features` `[N, F]`, `labels` `[N, 1]` and `rows` int64 `[B]`; scalar `loss`, the sum of the heads'
 * cross-entropies, so that each head has the gradient that it would have alone.
 */
export function ratesGradient(sizes: RateSizes): EmittedGraph {
  const { parameters, buffers, table, rows, features, all } = forward(sizes);
  const labels = gather(input("labels", "float32", [sizes.count, 1]), rows); // [B, 1]
  const { y, next } = normaliseBatch(buffers, features);
  const losses = all(y).map((own) => crossEntropy(own, labels));
  return emitGradient({
    scalars: { loss: losses.reduce((sum, loss) => add(sum, loss)) },
    parameters,
    buffers,
    nextBuffers: next,
    tie: table,
  });
}

/** The graph of the heads' `logits` `[B, R * C]`, head after head; inputs as {@linkcode ratesGradient}, without labels. */
export function ratesEvaluation(sizes: RateSizes): EmittedGraph {
  const { parameters, buffers, features, all } = forward(sizes);
  const found = all(normaliseRunning(buffers, features)) as [Value, ...Value[]];
  return emitEvaluation({ logits: concat(found, 1) }, { parameters, buffers });
}
