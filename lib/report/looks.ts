/** What is seen by looking through a run's models: pictures over training, features, neighbours. */
import { openDataset, type Picture, readPictures } from "../data/mod.ts";
import { parameterData, type View } from "../visual/mod.ts";
import { checkpointTensors, Inspector } from "../visual/mod.ts";
import { featureGraph, featureWidth } from "../features/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import type { Environment } from "../runtime/mod.ts";
import type { StoredTensor } from "../checkpoint/mod.ts";
import type { CheckpointPlace } from "../checkpoint/mod.ts";
import { spread } from "./series.ts";

/** What the model of one checkpoint makes of the pictures. */
export interface Look {
  readonly step: number;
  readonly views: readonly View[];
}

/** Images with their features. */
export interface Featured {
  readonly pictures: readonly Picture[];
  /** `[N, F]` of CLS after the norm. */
  readonly values: Float32Array;
  readonly width: number;
}

/** All that is seen of a run. */
export interface RunLooks {
  /** The split of the dataset that the images are of. */
  readonly split: string;
  /** From some checkpoints over training, the last among them; the same pictures and draws for each. */
  readonly looks: readonly Look[];
  /** Of the last checkpoint. */
  readonly featured: Featured;
}

/** How much is looked at. */
export interface LookOptions {
  /** Images for features. */
  readonly images: number;
  readonly seed: number;
  readonly threads?: number | undefined;
  /** Told when a checkpoint, or the features, are done. */
  readonly onDone: () => void;
}

/** Pictures that are shown, and checkpoints at which. */
export const SHOWN = { pictures: 6, checkpoints: 6 } as const;

/** Images of one run of the feature graph. */
const BATCH = 32;

/** Looks at a run's dataset through some of its checkpoints. @throws {DataError} if the dataset or a checkpoint cannot be read. */
export async function lookThrough(
  environment: Environment,
  run: {
    readonly path: string;
    readonly config: PretrainConfig;
    readonly dataset: string;
    readonly checkpoints: readonly CheckpointPlace[];
  },
  options: LookOptions,
): Promise<RunLooks> {
  const { path, config, dataset, checkpoints } = run;
  const { images, seed, threads, onDone } = options;
  const { imageSize: size } = config.model;
  const pictures = await readPictures([dataset], { count: SHOWN.pictures, seed, size });
  const looks: Look[] = [];
  let last: ReadonlyMap<string, StoredTensor> = new Map();
  {
    const session = threads === undefined ? {} : { threads };
    using inspector = new Inspector(environment, config, { batch: pictures.length, ...session });
    for (const { path: checkpoint, step } of spread(checkpoints, SHOWN.checkpoints)) {
      const { tensors } = checkpointTensors(path, checkpoint);
      looks.push({ step, views: inspector.look(tensors, pictures, seed) });
      last = tensors;
      onDone();
    }
  }
  const many = await readPictures([dataset], { count: images, seed, size });
  const featured = extract(environment, config, { tensors: last, pictures: many, threads });
  onDone();
  return { split: splitOf(dataset), looks, featured };
}

/** The split that {@linkcode readPictures} takes. */
function splitOf(path: string): string {
  using dataset = openDataset(path);
  return (["val", "test", "train"] as const).find((split) => dataset.has(split))!;
}

/** How often `onDone` is called for a run. */
export function partsOf(checkpoints: readonly CheckpointPlace[]): number {
  return Math.min(checkpoints.length, SHOWN.checkpoints) + 1;
}

/** CLS after the norm, of every picture. */
function extract(
  environment: Environment,
  { model }: PretrainConfig,
  { tensors, pictures, threads }: {
    readonly tensors: ReadonlyMap<string, StoredTensor>;
    readonly pictures: readonly Picture[];
    readonly threads: number | undefined;
  },
): Featured {
  const { imageSize: S } = model;
  const kind = { pool: "cls", layers: "last" } as const;
  const graph = featureGraph({ config: model, kind, batch: BATCH, storedSize: S });
  using session = environment.session(graph.model, threads === undefined ? {} : { threads });
  const parameters = parameterData(graph.parameters, tensors);
  const width = featureWidth(model, kind);
  const values = new Float32Array(pictures.length * width);
  const boxes = Float32Array.from({ length: 4 * BATCH }, (_, i) => i % 4 < 2 ? 0 : S);
  for (let first = 0; first < pictures.length; first += BATCH) {
    const part = pictures.slice(first, first + BATCH);
    const images = new Uint8Array(BATCH * S * S * 3);
    part.forEach(({ pixels }, i) => images.set(pixels, i * pixels.length));
    const { features } = session.run({
      ...parameters,
      images: { dtype: "uint8", shape: [BATCH, S, S, 3], data: images },
      boxes: { dtype: "float32", shape: [BATCH, 4], data: boxes },
      flips: { dtype: "float32", shape: [BATCH], data: new Float32Array(BATCH) },
    });
    values.set((features!.data as Float32Array).subarray(0, part.length * width), first * width);
  }
  return { pictures, values, width };
}

/** A neighbour of an image among others. */
export interface Neighbour {
  readonly index: number;
  /** Cosine of the angle between the features. */
  readonly similarity: number;
}

/** The `k` images most similar to image `of`, the nearest first; of equal ones the lower comes first. */
export function neighboursOf({ values, width }: Featured, of: number, k: number): Neighbour[] {
  const row = (i: number) => values.subarray(i * width, (i + 1) * width);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const own = row(of);
  const length = Math.sqrt(dot(own, own));
  return Array.from({ length: values.length / width }, (_, index): Neighbour => {
    const other = row(index);
    const product = length * Math.sqrt(dot(other, other));
    return { index, similarity: product > 0 ? dot(own, other) / product : 0 };
  }).filter(({ index }) => index !== of)
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, k);
}
