/** What a probe works on: the encoder, the images to learn from and those to be judged by. */
import { DataError, type Dataset, openDataset, type Split } from "../data/mod.ts";
import {
  checkKind,
  type EncoderWeights,
  loadEncoder,
  RANDOM,
  randomEncoder,
} from "../features/mod.ts";
import { type DatasetIdentity, identifyDataset } from "../train/mod.ts";
import type { JudgingSplit, ProbeOptions } from "./options.ts";
import { checkSizes } from "./form.ts";
import { resolveFeatures } from "./resolve.ts";
import { scratchSizes } from "./scratch_sizes.ts";
import {
  checkEveryClass,
  drawPerClass,
  judgingSplit,
  labelledSamples,
  type Samples,
} from "./samples.ts";

/** What all seeds of a probe share. */
export interface Subject {
  readonly dataset: DatasetIdentity;
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
  readonly classes: readonly string[];
  readonly split: JudgingSplit;
  /** Labels of all images of the two splits, and the images that have one. */
  readonly train: LabelledSplit;
  readonly judge: LabelledSplit;
  /** The encoder that a seed probes: the same for all, unless it is random. */
  encoderOf(seed: number): EncoderWeights;
  /** Images that a seed learns from. */
  samplesOf(seed: number): Samples;
}

/** A split's labels. */
export interface LabelledSplit {
  readonly labels: Int32Array;
  /** The samples that have a label. */
  readonly samples: Samples;
}

/** What is told while it is opened. */
export interface Told {
  /** What is left out. */
  readonly warning: (text: string) => void;
  /** Which tensors of a checkpoint matched. */
  readonly weights?: (match: string) => void;
}

/**
 * Opens what is to be probed.
 *
 * @throws {DataError} if the dataset or the checkpoint cannot be used.
 * @throws {ConfigError} if an option does not fit them.
 */
export function openSubject(
  checkpoint: string,
  data: string,
  options: ProbeOptions,
  told: Told,
): Subject {
  const identity = identifyDataset(data);
  using dataset = openDataset(data);
  const { classes, size: storedSize } = dataset.manifest;
  if (classes.length === 0) {
    throw new DataError(`Cannot probe with ${data}: its images have no labels`);
  }
  const split = judgingSplit(dataset, options.split) as JudgingSplit;
  const [train, judge] = [
    labelled(dataset.split("train"), told),
    labelled(dataset.split(split), told),
  ];
  checkEveryClass(dataset.split("train"), train.samples, classes);
  warnOfMissing(dataset.split(split), judge.samples, { classes, told });
  const encoderOf = encoders(checkpoint, dataset, { options, told });
  const { labelsPerClass } = options;
  return {
    dataset: identity,
    storedSize,
    classes,
    split,
    train,
    judge,
    encoderOf,
    samplesOf: (seed) => {
      if (labelsPerClass === undefined) return train.samples;
      const drawing = { labels: train.labels, classes, perClass: labelsPerClass, seed };
      return drawPerClass(train.samples, drawing);
    },
  };

  function labelled(split: Split, { warning }: typeof told): LabelledSplit {
    const samples = labelledSamples(split, data);
    const without = split.count - samples.length;
    if (without > 0) {
      warning(`${without} images of the ${split.name} split have no label: left out`);
    }
    return { labels: split.labels, samples };
  }
}

/** A class without images to judge by has no accuracy of its own; that of all is still one. */
function warnOfMissing(
  { name, labels }: Split,
  samples: Samples,
  { classes, told }: {
    readonly classes: readonly string[];
    readonly told: { readonly warning: (text: string) => void };
  },
): void {
  const found = new Set(Array.from(samples, (sample) => labels[sample]!));
  if (found.size === classes.length) return;
  const missing = classes.filter((_, label) => !found.has(label));
  told.warning(
    `The ${name} split has no image of ${missing.length} of ${classes.length} classes, ` +
      `${missing[0]} for one: they say nothing here`,
  );
}

function encoders(
  checkpoint: string,
  dataset: Dataset,
  { options, told }: { readonly options: ProbeOptions; readonly told: Told },
): (seed: number) => EncoderWeights {
  const { heads, partial } = options;
  if (checkpoint === RANDOM) {
    const { size, splits } = dataset.manifest;
    const config = scratchSizes(options, { imageSize: size, trainCount: splits.train!.count });
    return (seed) => randomEncoder(config, seed);
  }
  const encoder = loadEncoder(checkpoint, {
    heads,
    partial,
    onWeights: (match) => told.weights?.(match),
  });
  checkSizes(options, encoder);
  checkKind(encoder, resolveFeatures(options, encoder));
  return () => encoder;
}
