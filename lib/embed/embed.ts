/** Features, or labels, of any images. */
import { basename } from "node:path";
import {
  DataError,
  type DecoderName,
  evaluationCrop,
  type ImageBatch,
  MANIFEST,
  type SplitName,
  streamImages,
} from "../data/mod.ts";
import { checkFilePlace, exists } from "../files/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { chooseDevice, type DeviceRequest, Environment, showDevice } from "../runtime/mod.ts";
import { BadImages } from "./bad_images.ts";
import { countImages, datasetImages } from "./dataset_images.ts";
import { type Embedder, openCheckpoint, openExported, type Pool } from "./embedder.ts";
import { type Prediction, topClasses } from "./prediction.ts";
import { filesOf, openWriter } from "./row_writer.ts";
import type { Rows, RowWriter } from "./rows.ts";

/** What to embed, with what, and where to. */
export interface EmbedOptions {
  /** A packed dataset; or image files and whatever `prepare` reads. */
  readonly paths: readonly string[];
  /** A run, a checkpoint or a file of weights. Either this or `model`. */
  readonly checkpoint?: string | undefined;
  /** An exported ONNX model. */
  readonly model?: string | undefined;
  /** File to write: `.npy`, `.parquet` or `.jsonl`. May be left out with `classify`. */
  readonly out?: string | undefined;
  /** Default `cls`. */
  readonly pool?: Pool | undefined;
  /** Labels and probabilities instead of features. */
  readonly classify?: boolean | undefined;
  /** Labels of an image. Default 5. */
  readonly top?: number | undefined;
  /** Of a packed dataset; all unless given. */
  readonly split?: SplitName | undefined;
  /** Images of a batch. Default 32. */
  readonly batch?: number | undefined;
  /** Attention heads of a block. */
  readonly heads?: number | undefined;
  /** True takes what matches of a file that matches an encoder in part. */
  readonly partial?: boolean | undefined;
  /** Replace a file that is there already. Default false. */
  readonly force?: boolean | undefined;
  /** Share of the images that may be bad. Default 0.01. */
  readonly maxBad?: number | undefined;
  /** Fail on the first bad image. */
  readonly strict?: boolean | undefined;
  /** Threads that decode. */
  readonly workers?: number | undefined;
  /** The library that decodes. */
  readonly decoder?: DecoderName | undefined;
  /** Most pixels that an image may say it has. */
  readonly maxPixels?: number | undefined;
  /** Default `auto`. */
  readonly device?: DeviceRequest | undefined;
  /** Threads of ONNX Runtime. */
  readonly threads?: number | undefined;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
  /** Told which tensors of the file matched, were ignored or are missing, in words. */
  onWeights?(match: string): void;
  /** Told of every batch: images done, how many there are if that is known, bad ones. */
  onProgress?(progress: { done: number; total?: number; bad: number }): void;
  /** Told of the labels of every image, where no file is written. */
  onPredictions?(name: string, predictions: readonly Prediction[]): void;
}

/** What was embedded. */
export interface EmbedResult {
  /** Files that were written. */
  readonly files: readonly string[];
  /** Images that features or labels were written of. */
  readonly images: number;
  /** Images that could not be used. */
  readonly bad: readonly { readonly path: string; readonly reason: string }[];
  /** Pixels of a side of the images that the model saw. */
  readonly size: number;
  /** Numbers of an image; of a classifier its classes. */
  readonly width: number;
  /** Where it is computed, and why. */
  readonly device: string;
  /** Whether labels were wanted, not features. */
  readonly classified: boolean;
  /** Wall time. */
  readonly seconds: number;
}

/** Images of a batch unless told otherwise. */
const BATCH = 32;
/** Labels of an image unless told otherwise. */
const TOP = 5;

/**
 * Runs a model over images and writes what it says of each. A bounded number of images is in memory.
 *
 * @throws {ConfigError} if the options contradict each other, or a file is there already.
 * @throws {DataError} if there is no image, too many are bad, or the model cannot be used.
 *
 * @example
 * ```ts
 * import { embed } from "./mod.ts";
 *
 * const { images, width } = await embed({
 *   paths: ["pictures"],
 *   checkpoint: "run",
 *   out: "features.npy",
 *   force: true,
 * });
 * console.log(`${images} rows of ${width} numbers`);
 * ```
 */
export async function embed(options: EmbedOptions): Promise<EmbedResult> {
  const { paths, out, classify = false, pool = "cls", signal } = options;
  const began = performance.now();
  const files = checkOptions(options);
  const { device } = chooseDevice(options.device ?? "auto");
  using environment = Environment.open();
  const session = { device, ...options.threads === undefined ? {} : { threads: options.threads } };
  const where = { wanted: classify ? "logits" : pool, environment, session } as const;
  using model = options.checkpoint === undefined
    ? openExported(options.model!, where)
    : openCheckpoint(options.checkpoint, { ...where, ...options });
  const bad = new BadImages(options);
  const { images, total } = openImages(options, {
    model,
    environment,
    bad,
    threads: options.threads,
  });
  using writer = out === undefined ? null : openWriter(out, {
    width: model.width,
    predictions: classify,
    metadata: { paths: JSON.stringify(paths), output: where.wanted },
  });
  let done = 0;
  for await (const batch of images) {
    signal?.throwIfAborted();
    const values = model.run(batch.pixels, batch.names.length);
    take(batch, values, { model, options, writer });
    done += batch.names.length;
    options.onProgress?.({ done, ...total === undefined ? {} : { total }, bad: bad.list.length });
  }
  bad.finish(done);
  if (done === 0) throw new DataError(`Cannot find any image in ${paths.join(", ")}`);
  writer?.finish();
  const seconds = (performance.now() - began) / 1000;
  const { size, width } = model;
  return {
    files,
    images: done,
    bad: bad.list,
    size,
    width,
    device: showDevice(device),
    classified: classify,
    seconds,
  };
}

/** The files that will be written. @throws {ConfigError} if the options contradict each other, or one is there already. */
function checkOptions(options: EmbedOptions): readonly string[] {
  const { checkpoint, model, out, classify = false, force = false, pool, top } = options;
  if ((checkpoint === undefined) === (model === undefined)) {
    throw new ConfigError("Cannot embed: give either --checkpoint or --model");
  }
  if (out === undefined && !classify) {
    throw new ConfigError("Cannot embed without --out: name a .npy, .parquet or .jsonl file");
  }
  if (classify && pool !== undefined) {
    throw new ConfigError("Cannot use --pool with --classify: the classifier has its own");
  }
  if (!classify && top !== undefined) {
    throw new ConfigError("Cannot use --top without --classify: features have no order");
  }
  if (out === undefined) return [];
  const files = filesOf(out, { predictions: classify });
  for (const file of files) checkFilePlace(file, { force });
  return files;
}

/** The images, and how many there are where that is known. */
function openImages(
  options: EmbedOptions,
  { model, environment, bad, threads }: {
    readonly model: Embedder;
    readonly environment: Environment;
    readonly bad: BadImages;
    readonly threads: number | undefined;
  },
): { images: AsyncIterable<ImageBatch>; total?: number } {
  const { paths, split, batch = BATCH, workers, decoder, maxPixels } = options;
  const { size } = model;
  const [first] = paths;
  if (paths.length === 1 && isDataset(first!)) {
    const session = threads === undefined ? {} : { threads };
    return {
      images: datasetImages(first!, { size, batch, split, environment, session }),
      total: countImages(first!, split),
    };
  }
  if (split !== undefined) {
    throw new ConfigError(`Cannot use --split with ${basename(first!)}: it is no packed dataset`);
  }
  const { centre } = evaluationCrop(size, Infinity)!;
  const onBad = (image: { path: string; reason: string }) => bad.add(image);
  return {
    images: streamImages(paths, { size, centre, batch, workers, decoder, maxPixels, onBad }),
  };
}

function isDataset(path: string): boolean {
  return exists(`${path}/${MANIFEST}`);
}

/** Hands a batch's results on. */
function take(
  { names }: ImageBatch,
  values: Float32Array,
  { model: { classes, width }, options, writer }: {
    readonly model: Embedder;
    readonly options: EmbedOptions;
    readonly writer: RowWriter | null;
  },
): void {
  if (classes === null) return writer!.write({ names, features: values });
  const predictions = names.map((_, i) => {
    const scores = values.subarray(i * width, (i + 1) * width);
    return topClasses(scores, classes, options.top ?? TOP);
  });
  const rows: Rows = { names, predictions };
  if (writer !== null) writer.write(rows);
  else names.forEach((name, i) => options.onPredictions?.(name, predictions[i]!));
}
