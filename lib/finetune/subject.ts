/** What is fine-tuned, and on which images. */
import { DataError, openDataset, type Split } from "../data/mod.ts";
import { type EncoderWeights, loadEncoder, randomEncoder } from "../features/mod.ts";
import {
  checkEveryClass,
  checkSizes,
  holdOut,
  labelledSamples,
  type Samples,
  scratchSizes,
} from "../probe/mod.ts";
import { type DatasetIdentity, identifyDataset } from "../train/mod.ts";
import type { FinetuneOptions } from "./options.ts";
import { checkNumbers } from "./ranges.ts";
import { type FinetuneFacts, heldOutShare, SCRATCH } from "./resolve.ts";

/** Some images of a split. */
export interface LabelledImages {
  readonly split: Split["name"];
  readonly samples: Samples;
  /** Class of each of them. */
  readonly labels: Int32Array<ArrayBuffer>;
}

/** Everything that a run is made of beside its configuration. */
export interface FinetuneSubject {
  readonly dataset: DatasetIdentity;
  readonly encoder: EncoderWeights;
  readonly train: LabelledImages;
  /** Images that say which epoch was best. */
  readonly validation: LabelledImages;
  readonly test: LabelledImages | null;
  readonly facts: FinetuneFacts;
}

/**
 * Opens the dataset and the checkpoint.
 *
 * @param checkpoint a run, a checkpoint, a file of weights, or `none` to start from scratch.
 * @param told.warning told of what is left out. @param told.weights told which tensors of the checkpoint matched.
 * @throws {DataError} if the dataset or the checkpoint cannot be used.
 * @throws {ConfigError} if an option does not fit them.
 */
export function openSubject(
  checkpoint: string,
  data: string,
  options: FinetuneOptions,
  told: {
    readonly warning: (text: string) => void;
    readonly weights?: (match: string) => void;
  },
): FinetuneSubject {
  checkNumbers(options);
  const identity = identifyDataset(data);
  using dataset = openDataset(data);
  const { classes, size: storedSize, splits } = dataset.manifest;
  if (classes.length === 0) {
    throw new DataError(`Cannot fine-tune on ${data}: its images have no labels`);
  }
  const imagesOf = (name: Split["name"]): LabelledImages => {
    const split = dataset.split(name);
    return labelledImages(split, { folder: data, doing: "fine-tune on", ...told });
  };
  const [hasVal, hasTest] = [dataset.has("val"), dataset.has("test")];
  const all = imagesOf("train");
  checkEveryClass(dataset.split("train"), all.samples, classes, "learn");
  const share = heldOutShare(options, { hasVal });
  const { labels } = dataset.split("train");
  const { kept, held } = share === null
    ? { kept: all.samples, held: null }
    : holdOut(all.samples, { labels, classes: classes.length, share, seed: options.seed ?? 0 });
  const seed = options.seed ?? 0;
  const facts = { imageSize: storedSize, trainCount: splits.train!.count };
  const encoder = checkpoint === SCRATCH
    ? randomEncoder(scratchSizes(options, facts), seed)
    : loadChecked(checkpoint, options, told.weights);
  const train = chosen("train", kept, labels);
  return {
    dataset: identity,
    encoder,
    train,
    validation: held === null ? imagesOf("val") : chosen("train", held, labels),
    test: hasTest ? imagesOf("test") : null,
    facts: { encoder, storedSize, trainCount: train.samples.length, classes, hasVal, hasTest },
  };
}

/** The labelled images of a split. @throws {DataError} if there is none. */
export function labelledImages(
  split: Split,
  { folder, doing, warning }: {
    readonly folder: string;
    readonly doing: string;
    readonly warning: (text: string) => void;
  },
): LabelledImages {
  const samples = labelledSamples(split, folder, doing);
  const without = split.count - samples.length;
  if (without > 0) {
    warning(`${without} images of the ${split.name} split have no label: left out`);
  }
  return chosen(split.name, samples, split.labels);
}

function chosen(
  split: Split["name"],
  samples: Samples,
  labels: Int32Array,
): LabelledImages {
  return { split, samples, labels: Int32Array.from(samples, (sample) => labels[sample]!) };
}

/** The encoder of a checkpoint. Another image size is no contradiction: positions are interpolated. */
function loadChecked(
  checkpoint: string,
  options: FinetuneOptions,
  onWeights: (match: string) => void = () => {},
): EncoderWeights {
  const { heads, partial, imageSize: _, ...sizes } = options;
  const encoder = loadEncoder(checkpoint, { heads, partial, onWeights });
  checkSizes({ ...sizes, heads }, encoder, "fine-tune");
  return encoder;
}
