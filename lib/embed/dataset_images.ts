/** Images of a packed dataset, one after another, as evaluation looks at them. */
import { crop } from "../augment/mod.ts";
import {
  evaluationCrop,
  type ImageBatch,
  openDataset,
  openLoader,
  type SplitName,
} from "../data/mod.ts";
import { input } from "../graph/mod.ts";
import { emit } from "../onnx/mod.ts";
import type { Environment, Session, SessionOptions } from "../runtime/mod.ts";
import type { ArrayOf } from "../tensor/mod.ts";

/** How a dataset is read. */
export interface DatasetImagesOptions {
  /** Pixels of a side. */
  readonly size: number;
  /** Images of a batch; the last may have fewer. */
  readonly batch: number;
  /** Which split; all, one after another, unless given. */
  readonly split?: SplitName | undefined;
  readonly environment: Environment;
  readonly session: SessionOptions;
}

/** Number of images that {@linkcode datasetImages} gives. @throws {DataError} if there is no such split. */
export function countImages(folder: string, split?: SplitName): number {
  using dataset = openDataset(folder);
  const names = split === undefined ? dataset.splits : [split];
  return names.reduce((sum, name) => sum + dataset.split(name).count, 0);
}

/**
 * The images of a dataset in their order: the same pixels that a classifier is evaluated on, rounded to whole numbers.
 *
 * @throws {DataError} if it is damaged or has no such split.
 */
export async function* datasetImages(
  folder: string,
  options: DatasetImagesOptions,
): AsyncGenerator<ImageBatch> {
  const { split } = options;
  using dataset = openDataset(folder);
  for (const name of split === undefined ? dataset.splits : [split]) {
    const { count } = dataset.split(name);
    const stored = dataset.manifest.size;
    yield* splitImages(folder, { ...options, split: name, stored, count });
  }
}

async function* splitImages(
  folder: string,
  options: DatasetImagesOptions & { split: SplitName; stored: number; count: number },
): AsyncGenerator<ImageBatch> {
  const { size, stored, split, count, environment, session } = options;
  const batch = Math.min(options.batch, count);
  using dataset = openDataset(folder);
  const centre = evaluationCrop(size, stored);
  using loader = await openLoader({
    dataset: folder,
    split,
    batch,
    seed: 0,
    tokens: 0,
    crop: centre,
    shuffle: false,
    fill: true,
  });
  using cropper = centre === null
    ? null
    : environment.session(cropModel({ batch, stored, size }), session);
  const each = size * size * 3;
  for (let i = 0; i < loader.microBatchesPerEpoch; i++) {
    const microBatch = loader.next();
    const { images, boxes, flips, samples } = loader.slots[microBatch.slot]!.views;
    const pixels = cropper === null
      ? images.slice(0, microBatch.count * each)
      : cropped(cropper, { images, boxes, flips }).slice(0, microBatch.count * each);
    const names = Array.from(samples.subarray(0, microBatch.count), (sample) => {
      return dataset.split(split).path(sample);
    });
    loader.release(microBatch);
    yield { names, pixels: pixels as Uint8Array<ArrayBuffer> };
  }
}

/** Cuts boxes out of stored images and resizes them: what training and evaluation do in their graphs. */
function cropModel({ batch, stored, size }: { batch: number; stored: number; size: number }) {
  const images = input("images", "uint8", [batch, stored, stored, 3]);
  const boxes = input("boxes", "float32", [batch, 4]);
  const flips = input("flips", "float32", [batch]);
  return emit({ pixels: crop(images, boxes, flips, size) }, { name: "crop" });
}

function cropped(
  session: Session,
  { images, boxes, flips }: {
    readonly images: ArrayOf<"uint8">;
    readonly boxes: ArrayOf<"float32">;
    readonly flips: ArrayOf<"float32">;
  },
): Uint8Array<ArrayBuffer> {
  const shapes = Object.fromEntries(session.inputs.map(({ name, shape }) => [name, shape]));
  const { pixels } = session.run({
    images: { dtype: "uint8", shape: shapes["images"]!, data: images },
    boxes: { dtype: "float32", shape: shapes["boxes"]!, data: boxes },
    flips: { dtype: "float32", shape: shapes["flips"]!, data: flips },
  });
  // Rounds to the nearest; they lie in 0-255 already
  return new Uint8Array(Uint8ClampedArray.from(pixels!.data as Float32Array).buffer);
}
