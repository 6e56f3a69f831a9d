/** Filling one slot: all that is random in a sample is a pure function of (seed, epoch, sample). */
import { random } from "../tensor/mod.ts";
import type { Augmenter } from "./augment/augmenter.ts";
import type { BatchLayout, BatchViews } from "./batch.ts";
import {
  type Box,
  centreCrop,
  type CentreOptions,
  type CropOptions,
  randomResizedCrop,
  scaleBox,
} from "./crop.ts";
import type { Size } from "./index_file.ts";
import { drawMix, mixNumbers, type MixOptions } from "./mix.ts";
import type { Samples } from "./order.ts";

/** Where records come from; a split of a packed dataset is one. */
export interface RecordSource {
  /** Size of the image before it was stored, in pixels. */
  originalSize(index: number): Size;
  /** Size of the part of the record that holds the image, from its top left corner. */
  storedSize(index: number): Size;
  /** Position in the classes; -1 = unlabelled. */
  label(index: number): number;
  /** Copies a record's pixels into `target`. */
  read(index: number, target: Uint8Array): void;
}

/** How a slot is filled. */
export interface FillOptions {
  readonly seed: number;
  /** Random crops and flips, a central square, or whole images as they are. */
  readonly crop: CropOptions | CentreOptions | null;
  /** How batches are mixed, if the layout has a mix. */
  readonly mix?: MixOptions | null;
  /** Makes the images that the batch holds, which are then to be shown whole and as they are. */
  readonly augmenter?: Augmenter | null;
}

/** Rows of a micro-batch. */
export interface Rows {
  readonly begin: number;
  /** The first that does not belong to them. */
  readonly end: number;
}

/** Fill a slot with the given samples, or those rows of it. */
export function fillBatch(
  layout: BatchLayout,
  views: BatchViews,
  source: RecordSource,
  { epoch, place, samples, seed, crop, mix = null, augmenter = null }: Samples & FillOptions,
  { begin, end }: Rows = { begin: 0, end: layout.batch },
): void {
  const { size, tokens, labels = false, draws = 0 } = layout;
  const recordBytes = size * size * 3;
  for (let b = begin; b < end; b++) {
    const sample = samples[b]!;
    const image = views.images.subarray(b * recordBytes, (b + 1) * recordBytes);
    source.read(sample, augmenter === null ? image : augmenter.record);
    views.samples[b] = sample;

    const key = { seed, epoch, sample };
    const box = boxOf(source, crop, key);
    const flips = crop !== null && "scale" in crop;
    const flipped = flips && random({ ...key, purpose: "flip" }).uniform() < 0.5;
    augmenter?.augment(image, { box, flipped }, key);
    const { top, left, height, width } = augmenter === null ? box : whole(size);
    views.boxes.set([top, left, height, width], b * 4);
    views.flips[b] = flipped && augmenter === null ? 1 : 0;

    const noise = random({ ...key, purpose: "mask" });
    for (let l = 0; l < tokens; l++) views.noise[b * tokens + l] = noise.uniform();
    if (labels) views.labels[b] = source.label(sample);
    const path = random({ ...key, purpose: "path" });
    for (let r = 0; r < draws; r++) views.draws[b * draws + r] = path.uniform();
  }
  if (mix === null || !layout.mixes) return;
  // Whoever fills rows of the batch writes the same numbers
  const stream = random({ seed, epoch, purpose: "mix", sample: place });
  views.mix.set(mixNumbers(drawMix(stream, mix)));
}

function whole(size: number): Box {
  return { top: 0, left: 0, height: size, width: size };
}

/** The part of a record to show, in its pixels. */
function boxOf(
  source: RecordSource,
  crop: FillOptions["crop"],
  key: { readonly seed: number; readonly epoch: number; readonly sample: number },
): Box {
  const stored = source.storedSize(key.sample);
  if (crop === null) return { top: 0, left: 0, ...stored };
  const original = source.originalSize(key.sample);
  const box = "centre" in crop
    ? centreCrop(original, crop)
    : randomResizedCrop(random({ ...key, purpose: "crop" }), original, crop);
  return scaleBox(box, original, stored);
}
