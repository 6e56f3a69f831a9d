/** What decoding a batch of images comes to, in columns: as objects, sending it takes as long as decoding small images. */

/** Of a digest. */
export const SHA256_BYTES = 32;

/** Sums of three channels, and of their squares. */
export const SUMS = 6;

/** Answer to a batch: columns with an element, or some, for each image. They mean nothing for a bad one. */
export interface DecodeReply {
  readonly records: Uint8Array<ArrayBuffer>;
  /** Where the record of each ends and the next one begins. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** SHA-256 of the files, 32 bytes each. */
  readonly sha256: Uint8Array<ArrayBuffer>;
  /** Over the pixels of each: sums of red, green, blue, then of their squares. */
  readonly sums: Float64Array<ArrayBuffer>;
  /** Why an image is bad, by its number in the batch. */
  readonly reasons: ReadonlyMap<number, string>;
}

/** The record of image `i`. */
export function recordOf({ records, ends }: DecodeReply, i: number): Uint8Array {
  return records.subarray(ends[i - 1] ?? 0, ends[i]);
}

/** What is known of the file and the pixels of image `i`. */
export function factsOf(
  { sha256, sums }: DecodeReply,
  i: number,
): { readonly sha256: Uint8Array; readonly sums: readonly number[] } {
  return {
    sha256: sha256.subarray(i * SHA256_BYTES, (i + 1) * SHA256_BYTES),
    sums: [...sums.subarray(i * SUMS, (i + 1) * SUMS)],
  };
}
