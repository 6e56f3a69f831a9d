/** The second pass over the sources: every image is decoded and written to its place. */
import { createHash } from "node:crypto";
import type { BadImages } from "./bad_images.ts";
import type { DecodePool } from "./decode_pool.ts";
import type { DecodeReply, EncodedImage } from "./decode_worker.ts";
import { DataError } from "./error.ts";
import { type FitOptions, storedSize } from "./fit.ts";
import type { SplitName } from "./manifest.ts";
import { PackedImages } from "./packed_images.ts";
import type { Candidate } from "./scan.ts";
import type { PlacedRecord, WrittenRecord } from "./shard_writer.ts";
import { filesOf, type Source } from "./source.ts";

/** A batch ends when one of these is reached. */
const BATCH = { images: 64, fileBytes: 2 << 20, recordBytes: 8 << 20 } as const;

/** An image that was packed; its place is that among the candidates of its split. */
export interface PackedImage extends PlacedRecord {
  /** SHA-256 and size of its file. */
  readonly sha256: Uint8Array;
  readonly fileBytes: number;
  /** Sum of red, green, blue over the stored pixels, then of their squares. */
  readonly sums: readonly number[];
}

/** What packing needs. */
export interface PackOptions {
  readonly fitting: FitOptions;
  readonly pool: DecodePool;
  /** Batches that may be under way at once. */
  readonly ahead: number;
  readonly bad: BadImages;
  /** Images that an earlier run has packed, by the numbers of their candidates; they count if their files are the same. */
  readonly packed: ReadonlyMap<number, PackedImage>;
  /** Writes the record of a place. */
  write(split: SplitName, place: number, record: Uint8Array): WrittenRecord;
  /** Called for every image that was written. */
  onPacked(candidate: number, image: PackedImage): void;
  /** Called after a batch was written, with the number of images done, good and bad. */
  onImages(done: number): void;
}

/** Images on their way to a worker. */
interface Batch {
  readonly candidates: number[];
  readonly images: EncodedImage[];
  readonly files: Uint8Array[];
  fileBytes: number;
}

/**
 * Packs the candidates. At most `ahead` batches are in memory, however many images there are, and what comes back
 * is taken in the order in which it was sent, so that a failing run names the same image whatever the workers.
 *
 * @returns what was packed, and how many of these images an earlier run had packed.
 * @throws {DataError} if there are too many bad ones, or a candidate is no longer in the source.
 */
export async function pack(
  sources: readonly Source[],
  candidates: readonly Candidate[],
  options: PackOptions,
): Promise<{ readonly packed: PackedImages; readonly continued: number }> {
  const { fitting: { size }, pool, ahead, packed: earlier } = options;
  const packed = new PackedImages(candidates.length);
  const places = placesOf(candidates);
  const underWay: { batch: Batch; reply: Promise<DecodeReply> }[] = [];
  let [done, continued] = [0, 0];

  const takeOldest = async () => {
    const { batch, reply } = underWay.shift()!;
    take(batch, await reply);
    options.onImages(done += batch.images.length);
  };
  const take = (
    { candidates: numbers, images }: Batch,
    { images: results, records }: DecodeReply,
  ) => {
    results.forEach((result, i) => {
      const number = numbers[i]!;
      const { path, split } = candidates[number]!;
      if ("reason" in result) return options.bad.add([{ path, reason: result.reason }]);
      const place = places[number]!;
      const { at, length, sha256, sums } = result;
      const written = options.write(split, place, records.subarray(at, at + length));
      const image = { place, fileBytes: images[i]!.size, sha256, sums, ...written };
      packed.set(number, image);
      options.onPacked(number, image);
    });
  };
  /** Takes an image over that an earlier run has packed. */
  const takeOver = (number: number, bytes: Uint8Array): boolean => {
    const image = earlier.get(number);
    if (image === undefined || !isSameFile(image, bytes)) return false;
    packed.set(number, image);
    continued++;
    options.onImages(++done);
    return true;
  };

  for await (const batch of batches(sources, candidates, { ...options, takeOver })) {
    while (underWay.length >= ahead) await takeOldest();
    const { images } = batch;
    underWay.push({ batch, reply: pool.decode({ size, images, bytes: joined(batch) }) });
  }
  while (underWay.length > 0) await takeOldest();
  return { packed, continued };
}

/** Reads the candidates' files in the sources' order. */
async function* batches(
  sources: readonly Source[],
  candidates: readonly Candidate[],
  { fitting, takeOver }: {
    readonly fitting: FitOptions;
    takeOver(number: number, bytes: Uint8Array): boolean;
  },
): AsyncGenerator<Batch> {
  const numbers = new Map(candidates.map((candidate, i) => [candidate.source, i]));
  let batch: Batch = emptyBatch();
  for await (const file of filesOf(sources)) {
    const number = numbers.get(file.path);
    if (number === undefined) continue;
    numbers.delete(file.path);
    const bytes = await file.read();
    if (takeOver(number, bytes)) continue;
    const { header } = candidates[number]!;
    batch.candidates.push(number);
    batch.images.push({ size: bytes.length, header, stored: storedSize(header, fitting) });
    batch.files.push(bytes);
    batch.fileBytes += bytes.length;
    if (!isFull(batch, fitting.size)) continue;
    yield batch;
    batch = emptyBatch();
  }
  if (batch.images.length > 0) yield batch;
  for (const path of numbers.keys()) {
    throw new DataError(`Cannot read ${path}: it was there when the source was listed`);
  }
}

function isSameFile({ sha256, fileBytes }: PackedImage, bytes: Uint8Array): boolean {
  if (bytes.length !== fileBytes) return false;
  return createHash("sha256").update(bytes).digest().equals(sha256);
}

function emptyBatch(): Batch {
  return { candidates: [], images: [], files: [], fileBytes: 0 };
}

function isFull({ images, fileBytes }: Batch, size: number): boolean {
  return images.length >= BATCH.images || fileBytes >= BATCH.fileBytes ||
    (images.length + 1) * size * size * 3 > BATCH.recordBytes;
}

function joined({ files, fileBytes }: Batch): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fileBytes);
  let offset = 0;
  for (const file of files) {
    bytes.set(file, offset);
    offset += file.length;
  }
  return bytes;
}

/** The rank of each candidate within its split. */
function placesOf(candidates: readonly Candidate[]): number[] {
  const next = new Map<SplitName, number>();
  return candidates.map(({ split }) => {
    const place = next.get(split) ?? 0;
    next.set(split, place + 1);
    return place;
  });
}
