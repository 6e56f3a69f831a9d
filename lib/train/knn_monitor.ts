/** How well nearest neighbours tell the classes at the present parameters: a look at quality while pretraining. */
import type { Loader } from "../data/mod.ts";
import { ClassificationTally, countVotes } from "../classify/mod.ts";
import { div, input, matmul, max, mul, reduceSum, sqrt, type Value } from "../graph/mod.ts";
import { Parameters } from "../nn/mod.ts";
import { emit } from "../onnx/mod.ts";
import type { DeviceContext, Session, SessionOptions } from "../runtime/mod.ts";
import { embed, encodeCls, patchify } from "../vit/mod.ts";
import { type PretrainingConfig, pretrainingParameters } from "../ccmim/mod.ts";
import type { Lowering } from "../lower/mod.ts";
import { Evaluator } from "./evaluator.ts";
import { type Feed, openFeed } from "./feed.ts";
import {
  type BatchConfig,
  batchImages,
  emitEvaluation,
  type EmittedGraph,
} from "./graphs/emitted.ts";
import type { KnnFacts } from "./knn_streams.ts";
import type { TrainingState } from "./state.ts";

/** Neighbours that vote, and T of their votes (Caron et al. 2021). */
const K = 20;
const TEMPERATURE = 0.07;

/** Queries that are compared at once. */
const QUERIES = 100;

/** What is measured, and where. */
export interface KnnMonitorOptions {
  readonly context: DeviceContext;
  readonly session: SessionOptions;
  readonly state: TrainingState;
  readonly config: PretrainingConfig;
  readonly sizes: BatchConfig;
  readonly lower?: Lowering | null;
  readonly facts: KnnFacts;
  readonly loaders: { readonly bank: Loader; readonly queries: Loader };
}

/** Measures again and again on the same images. */
export class KnnMonitor implements Disposable {
  readonly #stack: DisposableStack;
  readonly #facts: KnnFacts;
  readonly #width: number;
  readonly #evaluator: Evaluator;
  readonly #bank: Feed;
  readonly #queries: Feed;
  readonly #batch: number;
  readonly #compare: Session;

  constructor(options: KnnMonitorOptions) {
    const { context, session, state, config, sizes, facts, loaders } = options;
    using stack = new DisposableStack();
    const graph = clsGraph(config, sizes, options.lower ?? null);
    const { width } = config.model;
    this.#evaluator = stack.use(new Evaluator(context, graph, { state, session }));
    this.#bank = stack.use(openFeed(context, loaders.bank));
    this.#queries = stack.use(openFeed(context, loaders.queries));
    const products = comparison(facts.bankLabels.length, width);
    this.#compare = stack.use(context.session(products, session));
    this.#facts = facts;
    this.#width = width;
    this.#batch = sizes.batch;
    this.#stack = stack.move();
  }

  /** Share of the queries whose class wins the vote, in [0, 1]. */
  measure(): number {
    const { bankLabels, queryLabels, classes } = this.#facts;
    const bank = this.#features(this.#bank, bankLabels.length);
    const queries = this.#features(this.#queries, queryLabels.length);
    const tally = new ClassificationTally(classes);
    const votes = new Float32Array(classes);
    for (let first = 0; first < queryLabels.length; first += QUERIES) {
      const similarities = this.#similarities(queries, bank, first);
      const count = Math.min(QUERIES, queryLabels.length - first);
      for (let q = 0; q < count; q++) {
        const own = similarities.subarray(q * bankLabels.length, (q + 1) * bankLabels.length);
        const nearest = [...own.keys()].sort((a, b) => own[b]! - own[a]! || a - b).slice(0, K);
        const labels = nearest.map((i) => bankLabels[i]!);
        countVotes({ similarities: nearest.map((i) => own[i]!), labels }, TEMPERATURE, votes);
        tally.add(votes, [queryLabels[first + q]!]);
      }
    }
    return tally.metrics().top1;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  /** CLS of the next pass of a feed, `[count, D]`. */
  #features(feed: Feed, count: number): Float32Array<ArrayBuffer> {
    const values = new Float32Array(count * this.#width);
    const size = this.#batch * this.#width;
    this.#evaluator.evaluate(feed, Math.ceil(count / this.#batch), ({ features }, i) => {
      values.set(features!.subarray(0, Math.min(size, values.length - i * size)), i * size);
    });
    return values;
  }

  /** Cosines of some queries with all of the bank, `[QUERIES, bank]`; what fills the last ones up is zero. */
  #similarities(
    queries: Float32Array,
    bank: Float32Array<ArrayBuffer>,
    first: number,
  ): Float32Array {
    const width = this.#width;
    const some = new Float32Array(QUERIES * width);
    some.set(queries.subarray(first * width, (first + QUERIES) * width));
    const { similarities } = this.#compare.run({
      queries: { dtype: "float32", shape: [QUERIES, width], data: some },
      bank: { dtype: "float32", shape: [bank.length / width, width], data: bank },
    });
    return similarities!.data as Float32Array;
  }
}

/** Stored images and boxes -> CLS after the norm, `features` `[B, D]`. */
function clsGraph(
  config: PretrainingConfig,
  sizes: BatchConfig,
  lower: Lowering | null,
): EmittedGraph {
  const { model } = config;
  const parameters = new Parameters(pretrainingParameters(config));
  const patches = patchify(batchImages(sizes, model.imageSize), model.patch);
  const features = encodeCls(parameters, model, embed(parameters, model, patches));
  return emitEvaluation({ features }, { parameters, buffers: new Parameters([]), lower });
}

/** Rows -> their cosines. */
function comparison(bank: number, width: number): Uint8Array<ArrayBuffer> {
  const queries = unit(input("queries", "float32", [QUERIES, width]));
  const rows = unit(input("bank", "float32", [bank, width]));
  return emit({ similarities: matmul(queries, rows, { transB: true }) }, { name: "cosines" });
}

/** Rows over their length. */
function unit(x: Value): Value {
  return div(x, sqrt(max(reduceSum(mul(x, x), [1], true), 1e-30)));
}
