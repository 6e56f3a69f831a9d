/** A small packed dataset, for tests of what reads one. */
import { createHash } from "node:crypto";
import type { CropOptions } from "../../lib/data/crop.ts";
import { encodeHeader } from "../../lib/data/header.ts";
import { encodeIndex, type Size } from "../../lib/data/index_file.ts";
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
}

/** The pixels of sample `i`. */
export function record(i: number, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size * size * 3 }, (_, k) => (i * 31 + k * 7) % 251);
}

/** Writes a dataset with the one split `train` into `folder`. */
export function writePacked(folder: string, options: PackedOptions): void {
  const { size, images, enlarged = true, perShard = images.length } = options;
  const write = (file: string, bytes: Uint8Array) => {
    Deno.writeFileSync(`${folder}/${file}`, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { file, bytes: bytes.length, sha256 };
  };
  const shards = [];
  for (let first = 0; first < images.length; first += perShard) {
    const records = Math.min(perShard, images.length - first);
    const bytes = new Uint8Array(64 + records * size * size * 3);
    bytes.set(
      encodeHeader("shard", bytes.length, {
        width: size,
        height: size,
        channels: 3,
        records,
        first,
      }),
    );
    for (let i = 0; i < records; i++) {
      bytes.set(record(first + i, size), 64 + i * size * size * 3);
    }
    shards.push({ ...write(`train-${shards.length}.bin`, bytes), records });
  }
  const samples = images.map((image, i) => ({ ...image, path: `a/${i}.jpg`, label: 0 }));
  const index = write("train-index.bin", encodeIndex(samples));
  const manifest: Manifest = {
    format: "ccmim-dataset",
    version: 1,
    size,
    record: { dtype: "uint8", layout: "HWC", channels: "RGB", bytes: size * size * 3, perShard },
    fit: "squash",
    enlarged,
    decoder: { name: "none", version: "0", resize: "none" },
    classes: ["a"],
    splits: { train: { count: images.length, index, shards } },
    held: null,
    statistics: { split: "train", mean: [0, 0, 0], deviation: [1, 1, 1] },
    source: { images: images.length, bytes: 1, ignored: 0, sha256: "0".repeat(64) },
    bad: [],
  };
  Deno.writeFileSync(`${folder}/manifest.json`, encodeManifest(manifest));
}
