/** Comparing the index and the shards of a split with the manifest; docs/dataset-format.md. */
import { DataError } from "./error.ts";
import { decodeHeader, HEADER_BYTES, STORES } from "./header.ts";
import { decodeIndex, type Index } from "./index_file.ts";
import type { Manifest, SplitManifest } from "./manifest.ts";
import { checkBytes, openNamed, readNamed } from "./named_file.ts";
import { readAt } from "./positioned.ts";

/**
 * Reads the index of a split.
 *
 * @throws {DataError} if it is not the one that the manifest means.
 */
export function readIndex(folder: string, manifest: Manifest, split: SplitManifest): Index {
  const file = `${folder}/${split.index.file}`;
  const bytes = readNamed(file, `Cannot open ${folder}`);
  checkBytes(file, bytes.length, split.index.bytes);
  const index = decodeIndex(bytes, { file, classes: manifest.classes.length });
  if (index.count !== split.count) {
    throw new DataError(
      `Cannot read ${file}: it has ${index.count} samples, the manifest says ${split.count}`,
    );
  }
  const { kind } = manifest.store;
  if ((index.encoded !== null) !== (kind === "jpeg")) {
    throw new DataError(`Cannot read ${file}: it is not that of records that are kept ${kind}`);
  }
  return index;
}

/**
 * Compares every shard's size and header with the manifest and the index.
 *
 * @throws {DataError} if one is not what they say.
 */
export function checkShards(
  folder: string,
  { size, record, store }: Manifest,
  { split, index }: { readonly split: SplitManifest; readonly index: Index },
): void {
  let first = 0;
  for (const { file, bytes, records } of split.shards) {
    const path = `${folder}/${file}`;
    const header = readHeader(path, { folder, bytes });
    const expected = {
      width: size,
      height: size,
      channels: 3,
      records,
      first,
      store: STORES.indexOf(store.kind),
    };
    for (const [name, value] of Object.entries(expected)) {
      const found = header[name as keyof typeof header];
      if (found === value) continue;
      throw new DataError(
        `Cannot read ${path}: ${name} is ${found} in its header, the manifest makes it ${value}`,
      );
    }
    const taken = index.encoded === null
      ? records * record.bytes
      : lastEnd(index.encoded.ends, { first, records });
    if (bytes !== HEADER_BYTES + taken || records > record.perShard) {
      throw new DataError(`Cannot read ${path}: ${bytes} bytes do not hold ${records} records`);
    }
    first += records;
  }
  if (first !== split.count) {
    throw new DataError(
      `Cannot open ${folder}: its shards hold ${first} samples, the manifest says ${split.count}`,
    );
  }
}

function readHeader(
  path: string,
  { folder, bytes: expected }: { readonly folder: string; readonly bytes: number },
) {
  using file = openNamed(path, `Cannot open ${folder}`);
  const fileBytes = file.statSync().size;
  checkBytes(path, fileBytes, expected);
  const bytes = new Uint8Array(HEADER_BYTES);
  const count = readAt(file, 0, bytes);
  return decodeHeader("shard", bytes.subarray(0, count), { file: path, fileBytes });
}

/** Where the last of some records ends in their shard; NaN if one ends before it begins. */
function lastEnd(
  ends: Uint32Array,
  { first, records }: { readonly first: number; readonly records: number },
): number {
  const own = ends.subarray(first, first + records);
  const grows = own.every((end, i) => end > (i === 0 ? 0 : own[i - 1]!));
  return grows && own.length === records ? own[records - 1]! : NaN;
}
