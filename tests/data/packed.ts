/** A small packed dataset, for tests of what reads one. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { CropOptions } from "../../lib/data/crop.ts";
import { encodeHeader } from "../../lib/data/header.ts";
import { storedSize } from "../../lib/data/fit.ts";
import { encodeIndex, type Size } from "../../lib/data/index_file.ts";
import { openLibjpegTurbo } from "../../lib/data/libjpeg_turbo.ts";
import { encodeManifest, type Manifest } from "../../lib/data/manifest.ts";

/** Crops as pretraining draws them. */
export const CROPS: CropOptions = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] };

/** What to write. */
export interface PackedOptions {
  readonly size: number;
  /** Original size of each image; pixels are noise that depends on the sample. */
  readonly images: readonly Size[];
  readonly enlarged?: boolean;
  readonly perShard?: number;
  /** Keep the records as JPEGs of this quality. */
  readonly quality?: number;
}

/** The pixels of sample `i`. */
export function record(i: number, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size * size * 3 }, (_, k) => (i * 31 + k * 7) % 251);
}

/** The part of a record that holds the image, `[height, width, 3]`. */
export function stored(i: number, size: number, { width, height }: Size): Uint8Array {
  const pixels = record(i, size);
  const rows = Array.from({ length: height }, (_, y) => {
    return pixels.subarray(y * size * 3, (y * size + width) * 3);
  });
  return Uint8Array.from(rows.flatMap((row) => [...row]));
}

/** Writes a dataset with the one split `train` into `folder`. */
export function writePacked(folder: string, options: PackedOptions): void {
  const { size, images, enlarged = true, perShard = images.length, quality } = options;
  const write = (file: string, bytes: Uint8Array) => {
    Deno.writeFileSync(`${folder}/${file}`, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { file, bytes: bytes.length, sha256 };
  };
  const jpeg = quality === undefined ? undefined : openLibjpegTurbo();
  const keep = (i: number): Uint8Array => {
    if (jpeg === undefined) return record(i, size);
    const part = storedSize(images[i]!, { size, enlarged, fit: "squash" });
    return jpeg.encode(stored(i, size, part), { ...part, quality: quality! });
  };
  const shards = [];
  const [ends, crcs] = [new Uint32Array(images.length), new Uint32Array(images.length)];
  for (let first = 0; first < images.length; first += perShard) {
    const records = Math.min(perShard, images.length - first);
    const kept = Array.from({ length: records }, (_, i) => keep(first + i));
    const bytes = new Uint8Array(64 + kept.reduce((sum, { length }) => sum + length, 0));
    const store = jpeg === undefined ? 0 : 1;
    const fields = { width: size, height: size, channels: 3, records, first, store };
    bytes.set(encodeHeader("shard", bytes.length, fields));
    let end = 0;
    for (const [i, one] of kept.entries()) {
      bytes.set(one, 64 + end);
      ends[first + i] = end += one.length;
      crcs[first + i] = crc32(one);
    }
    shards.push({ ...write(`train-${shards.length}.bin`, bytes), records });
  }
  const samples = images.map((image, i) => ({ ...image, path: `a/${i}.jpg`, label: 0 }));
  const index = write("train-index.bin", encodeIndex(samples, jpeg && { ends, crcs }));
  const manifest: Manifest = {
    format: "ccmim-dataset",
    version: 2,
    size,
    record: { dtype: "uint8", layout: "HWC", channels: "RGB", bytes: size * size * 3, perShard },
    store: quality === undefined
      ? { kind: "raw" }
      : { kind: "jpeg", quality, subsampling: "4:2:0", encoder: "none" },
    fit: "squash",
    enlarged,
    decoder: { name: "none", version: "0", resize: "none" },
    classes: ["a"],
    splits: { train: { count: images.length, index, shards } },
    held: null,
    statistics: { split: "train", mean: [0, 0, 0], deviation: [1, 1, 1] },
    source: { images: images.length, bytes: 1, ignored: 0, sha256: "0".repeat(64) },
    appended: [],
    bad: [],
  };
  Deno.writeFileSync(`${folder}/manifest.json`, encodeManifest(manifest));
}
