/** A small packed dataset with held-out images. */
import { MANIFEST } from "../../lib/data/mod.ts";
import { writePacked } from "../data/packed.ts";

/** Images of each split; 0 leaves `val` out. */
export interface DatasetSizes {
  readonly size: number;
  readonly train: number;
  readonly val: number;
}

/** Writes a dataset into the new folder `folder`. */
export function writeDataset(folder: string, { size, train, val }: DatasetSizes): void {
  const images = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ width: size + i % 3, height: size + i % 5 }));
  Deno.mkdirSync(folder);
  writePacked(folder, { size, images: images(train), perShard: 8 });
  if (val === 0) return;
  const held = `${folder}/held`;
  Deno.mkdirSync(held);
  writePacked(held, { size, images: images(val), perShard: 8 });
  const read = (path: string) => JSON.parse(Deno.readTextFileSync(path));
  const [manifest, other] = [read(`${folder}/${MANIFEST}`), read(`${held}/${MANIFEST}`)];
  const { index, shards } = other.splits.train;
  for (const part of [index, ...shards]) {
    const name = part.file.replace("train", "val");
    Deno.renameSync(`${held}/${part.file}`, `${folder}/${name}`);
    part.file = name;
  }
  manifest.splits.val = other.splits.train;
  Deno.writeTextFileSync(`${folder}/${MANIFEST}`, JSON.stringify(manifest));
  Deno.removeSync(held, { recursive: true });
}
