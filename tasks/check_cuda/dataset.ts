/** A packed dataset of random pixels, so that data comes the way it does in training. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodeHeader, HEADER_BYTES } from "../../lib/data/header.ts";
import { encodeIndex } from "../../lib/data/index_file.ts";
import { encodeManifest, MANIFEST, type Manifest } from "../../lib/data/manifest.ts";
import { random } from "../../lib/tensor/mod.ts";

/** Writes `count` images of `size` x `size` pixels into the new folder `folder`. */
export function writeRandomDataset(
  folder: string,
  { size, count }: { readonly size: number; readonly count: number },
): void {
  Deno.mkdirSync(folder);
  const write = (file: string, bytes: Uint8Array) => {
    Deno.writeFileSync(join(folder, file), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { file, bytes: bytes.length, sha256 };
  };
  const record = size * size * 3;
  const bytes = new Uint8Array(HEADER_BYTES + count * record);
  const fields = { width: size, height: size, channels: 3, records: count, first: 0, store: 0 };
  bytes.set(encodeHeader("shard", bytes.length, fields));
  // The same noise in every image, turned by some pixels: drawing it all would take longer than the check
  const draw = random({ seed: 0, purpose: "draw" });
  const noise = Uint8Array.from({ length: record }, () => draw.below(256));
  for (let i = 0; i < count; i++) {
    const turn = (i * 7919 * 3) % record;
    const at = HEADER_BYTES + i * record;
    bytes.set(noise.subarray(turn), at);
    bytes.set(noise.subarray(0, turn), at + record - turn);
  }
  const shard = { ...write("train-0.bin", bytes), records: count };
  const samples = Array.from(
    { length: count },
    (_, i) => ({ width: size, height: size, path: `${i}.png`, label: 0 }),
  );
  const index = write("train-index.bin", encodeIndex(samples));
  const manifest: Manifest = {
    format: "ccmim-dataset",
    version: 2,
    size,
    record: { dtype: "uint8", layout: "HWC", channels: "RGB", bytes: record, perShard: count },
    store: { kind: "raw" },
    fit: "squash",
    enlarged: false,
    decoder: { name: "none", version: "0", resize: "none" },
    classes: ["noise"],
    splits: { train: { count, index, shards: [shard] } },
    held: null,
    statistics: { split: "train", mean: [0, 0, 0], deviation: [1, 1, 1] },
    source: { images: count, bytes: 1, ignored: 0, sha256: "0".repeat(64) },
    appended: [],
    bad: [],
  };
  Deno.writeFileSync(join(folder, MANIFEST), encodeManifest(manifest));
}
