/** A packed dataset by its manifest. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { decodeManifest, MANIFEST, type Manifest, SPLITS } from "../data/mod.ts";

/** What a packed dataset is. */
export interface DatasetInspection {
  readonly kind: "dataset";
  readonly path: string;
  /** Of all files that the manifest names. */
  readonly bytes: number;
  /** SHA-256 of the manifest: the identity of the dataset. */
  readonly sha256: string;
  /** Split -> images and shards. */
  readonly splits: Readonly<Record<string, { readonly images: number; readonly shards: number }>>;
  /** Files that are missing, or have another size than the manifest says. */
  readonly problems: readonly string[];
  /** What the manifest says, but for the files. */
  readonly manifest: Omit<Manifest, "splits">;
}

/**
 * Reads a manifest, and asks for the sizes of the files that it names.
 *
 * @throws {DataError} if the manifest is damaged.
 */
export function inspectDataset(path: string): DatasetInspection {
  const file = join(path, MANIFEST);
  const bytes = Deno.readFileSync(file);
  const { splits, ...manifest } = decodeManifest(bytes, file);
  const present = SPLITS.flatMap((name) => {
    const split = splits[name];
    return split === undefined ? [] : [{ name, ...split }];
  });
  const files = present.flatMap(({ index, shards }) => [index, ...shards]);
  return {
    kind: "dataset",
    path,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, bytes.length),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    splits: Object.fromEntries(
      present.map(({ name, count, shards }) => [name, { images: count, shards: shards.length }]),
    ),
    problems: files.flatMap(({ file, bytes }) => {
      const found = sizeOfFile(join(path, file));
      if (found === bytes) return [];
      return [
        found === null ? `${file} is missing` : `${file} has ${found} bytes and not ${bytes}`,
      ];
    }),
    manifest,
  };
}

function sizeOfFile(path: string): number | null {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
