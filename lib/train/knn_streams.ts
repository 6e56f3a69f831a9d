/** The small fixed subset by which pretraining may follow how well nearest neighbours tell the classes. */
import {
  DataError,
  evaluationCrop,
  type LoaderTask,
  openDataset,
  planLoader,
  type Split,
} from "../data/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { permutation, random } from "../tensor/mod.ts";
import { type ReadingOptions, workersOf } from "./reading.ts";

/** The streams, one pass in the order of their samples each time. */
export type KnnStreams = { readonly knnBank: LoaderTask; readonly knnQueries: LoaderTask };

/** What is known of the subset. Can be posted to other threads. */
export interface KnnFacts {
  /** Epochs from one measurement to the next. */
  readonly every: number;
  readonly classes: number;
  /** Class of each image that votes, and of each that is asked about. */
  readonly bankLabels: Int32Array;
  readonly queryLabels: Int32Array;
}

/** Most images that vote, and that are asked about. */
const MOST = { bank: 2000, queries: 1000 } as const;

/** Of the draw: the same for all runs, so that they compare. */
const SEED = 0;

/**
 * Draws the subset: training images that vote, and images of `val` that are asked about, or other training images where there
 * is no `val` split. The `test` split is never looked at.
 *
 * @throws {DataError} if there are no labels.
 */
export function planKnnStreams(
  dataset: string,
  config: PretrainConfig,
  { every, ...reading }: { readonly every: number } & Pick<ReadingOptions, "dataWorkers">,
): { streams: KnnStreams; facts: KnnFacts } {
  using opened = openDataset(dataset);
  const { classes, size } = opened.manifest;
  const train = opened.split("train");
  const drawn = drawLabelled(train);
  const judge = opened.has("val") ? opened.split("val") : train;
  const others = judge === train ? drawn.subarray(drawn.length >> 1) : drawLabelled(judge);
  const voting = judge === train ? drawn.subarray(0, drawn.length >> 1) : drawn;
  const bank = voting.slice(0, MOST.bank).sort();
  const queries = others.slice(0, MOST.queries).sort();
  if (bank.length === 0 || queries.length === 0) {
    throw new DataError(
      `Cannot follow nearest neighbours on ${dataset} (--knn-every): its ${
        bank.length === 0 ? "train" : judge.name
      } split has too few labelled images`,
    );
  }
  const plan = (split: Split, samples: Uint32Array) =>
    planLoader({
      ...workersOf(reading),
      dataset,
      split: split.name,
      samples,
      batch: config.batch,
      fill: true,
      shuffle: false,
      seed: SEED,
      tokens: 0,
      crop: evaluationCrop(config.model.imageSize, size),
      slots: 2,
    });
  const labelsOf = ({ labels }: Split, samples: Uint32Array) =>
    Int32Array.from(samples, (sample) => labels[sample]!);
  return {
    streams: { knnBank: plan(train, bank), knnQueries: plan(judge, queries) },
    facts: {
      every,
      classes: classes.length,
      bankLabels: labelsOf(train, bank),
      queryLabels: labelsOf(judge, queries),
    },
  };
}

/** The labelled samples of a split in a fixed random order. */
function drawLabelled({ count, labels }: Split): Uint32Array {
  const order = permutation(random({ seed: SEED, purpose: "split" }), count);
  return order.filter((sample) => labels[sample]! >= 0);
}
