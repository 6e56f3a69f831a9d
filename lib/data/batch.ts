/** How a micro-batch lies in memory: the one layout that the data worker fills and the training graph reads. */
import { type ArrayOf, arrayOver, DTYPES, type Shape, sizeOf } from "../tensor/mod.ts";
import { MIX_NUMBERS } from "./mix.ts";

/** Sizes of a micro-batch. */
export interface BatchSizes {
  /** Samples, B. */
  readonly batch: number;
  /** Side of a stored record in pixels, S. */
  readonly size: number;
  /** Patches that get a noise value, L; 0 leaves noise out. */
  readonly tokens: number;
  /** Whether samples have labels; not unless given. */
  readonly labels?: boolean;
  /** Random numbers of each sample, R; none unless given. */
  readonly draws?: number;
  /** Whether there is a mix; not unless given. */
  readonly mixes?: boolean;
}

/** The element type of each field. */
const FIELDS = {
  /** `[B, S, S, 3]`: RGB records, whole images. */
  images: "uint8",
  /** `[B, 4]`: top, left, height, width of the crop, in pixels of the record. */
  boxes: "float32",
  /** `[B]`: 1 = mirror left to right, 0 = leave. */
  flips: "float32",
  /** `[B, L]`: uniform in [0, 1), for the mask. */
  noise: "float32",
  /** `[B]`: position in the dataset's classes, -1 = unlabelled; `[0]` without labels. */
  labels: "int32",
  /** `[B, R]`: uniform in [0, 1), for drop path. */
  draws: "float32",
  /** `[6]`: how the batch is mixed, see {@linkcode mixNumbers}; `[0]` without. */
  mix: "float32",
  /** `[B]`: indices into the split. */
  samples: "int32",
} as const;

/** Name of a field of a micro-batch. */
export type BatchField = keyof typeof FIELDS;

/** Where a field lies in a slot. */
export interface FieldLayout<K extends BatchField = BatchField> {
  /** Type of the elements. */
  readonly dtype: (typeof FIELDS)[K];
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** From the start of the slot, a multiple of {@linkcode FIELD_ALIGNMENT}. */
  readonly byteOffset: number;
  /** Bytes that the field takes. */
  readonly byteLength: number;
}

/** Where everything lies in a slot. */
export interface BatchLayout extends BatchSizes {
  /** The fields, each with its place. */
  readonly fields: { readonly [K in BatchField]: FieldLayout<K> };
  /** Size of a slot, a multiple of {@linkcode SLOT_ALIGNMENT}. */
  readonly byteLength: number;
}

/** A slot's memory as typed arrays, row-major in the field's shape. */
export type BatchViews = { readonly [K in BatchField]: ArrayOf<(typeof FIELDS)[K]> };

/** Each field starts at a multiple of this: what vector loads on a device ask for. */
export const FIELD_ALIGNMENT = 256;

/** Each slot starts at a multiple of this: a page, which is what can be pinned for copies to a device. */
export const SLOT_ALIGNMENT = 4096;

/**
 * The layout for the given sizes.
 *
 * @throws {RangeError} if one is no whole number, or no sample fits.
 *
 * @example
 * ```ts
 * import { batchLayout } from "./mod.ts";
 *
 * const { fields } = batchLayout({ batch: 4, size: 32, tokens: 16 });
 * console.assert(String(fields.images.shape) === "4,32,32,3");
 * ```
 */
export function batchLayout(sizes: BatchSizes): BatchLayout {
  const { batch, size, tokens, labels = false, draws = 0, mixes = false } = sizes;
  const leasts = { batch: [batch, 1], size: [size, 1], tokens: [tokens, 0], draws: [draws, 0] };
  for (const [name, [value, least]] of Object.entries(leasts) as [string, [number, number]][]) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`Cannot use ${value} as ${name}: it must be a whole number >= ${least}`);
    }
  }
  let end = 0;
  const place = <K extends BatchField>(name: K, shape: Shape): FieldLayout<K> => {
    const dtype = FIELDS[name];
    const byteOffset = end;
    const byteLength = sizeOf(shape) * DTYPES[dtype].bytes;
    end = roundUp(byteOffset + byteLength, FIELD_ALIGNMENT);
    return { dtype, shape, byteOffset, byteLength };
  };
  const fields = {
    images: place("images", [batch, size, size, 3]),
    boxes: place("boxes", [batch, 4]),
    flips: place("flips", [batch]),
    noise: place("noise", [batch, tokens]),
    labels: place("labels", [labels ? batch : 0]),
    draws: place("draws", [batch, draws]),
    mix: place("mix", [mixes ? MIX_NUMBERS : 0]),
    samples: place("samples", [batch]),
  };
  return { ...sizes, fields, byteLength: roundUp(end, SLOT_ALIGNMENT) };
}

/**
 * The slot that starts at `byteOffset` of `memory`, without copying.
 *
 * @example
 * ```ts
 * import { batchLayout, batchViews } from "./mod.ts";
 *
 * const layout = batchLayout({ batch: 4, size: 32, tokens: 16 });
 * const { images } = batchViews(layout, new SharedArrayBuffer(layout.byteLength), 0);
 * console.assert(images.length === 4 * 32 * 32 * 3);
 * ```
 */
export function batchViews(
  layout: BatchLayout,
  memory: ArrayBufferLike,
  byteOffset: number,
): BatchViews {
  const view = <K extends BatchField>(name: K): ArrayOf<(typeof FIELDS)[K]> => {
    const field = layout.fields[name];
    return arrayOver(
      field.dtype,
      new Uint8Array(memory, byteOffset + field.byteOffset, field.byteLength),
    );
  };
  return {
    images: view("images"),
    boxes: view("boxes"),
    flips: view("flips"),
    noise: view("noise"),
    labels: view("labels"),
    draws: view("draws"),
    mix: view("mix"),
    samples: view("samples"),
  };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
