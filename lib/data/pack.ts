/** The second pass over the sources: every image is decoded and written to its place. */
import { createHash } from "node:crypto";
import type { BadImages } from "./bad_images.ts";
import type { Candidates } from "./candidates.ts";
import type { DecodePool, ImageFile } from "./decode_pool.ts";
import { type DecodeReply, factsOf, recordOf } from "./decode_reply.ts";
import { DataError } from "./error.ts";
import { type FitOptions, storedSize } from "./fit.ts";
import { type SplitName, SPLITS } from "./manifest.ts";
import type { PackedImages } from "./packed_images.ts";
import type { WrittenRecord } from "./shard_writer.ts";
import { release } from "./release.ts";
import { contentOf, filesOf, type Source, type SourceFile } from "./source.ts";
import { PixelSums } from "./statistics.ts";

/** A batch ends when one of these is reached. */
const BATCH = { images: 128, fileBytes: 2 << 20, recordBytes: 8 << 20 } as const;

/** An image that was packed. */
export interface PackedImage extends WrittenRecord {
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
  /** Where it is said what is packed. What an earlier run has noted there counts if the files are the same. */
  readonly packed: PackedImages;
  /** Writes the record of a candidate, at the latest when `endBatch` is called. */
  write(candidate: number, record: Uint8Array): WrittenRecord;
  /** Called after the records of a batch, whose memory is then given back. */
  endBatch(): void;
  /** Called for every image that was written. */
  onPacked(candidate: number, image: PackedImage): void;
  /** Called after a batch was written, with the number of images done, good and bad. */
  onImages(done: number): Promise<void>;
}

/** What came of all images. */
export interface PackResult {
  /** How many of them an earlier run had packed. */
  readonly continued: number;
  /** Over the stored pixels of the images of each split. */
  readonly sums: ReadonlyMap<SplitName, PixelSums>;
}

/** Images on their way to a worker. */
interface Batch {
  readonly candidates: number[];
  readonly images: ImageFile[];
  fileBytes: number;
}

/**
 * Packs the candidates. At most `ahead` batches are in memory, however many images there are, and what comes back
 * is taken in the order in which it was sent, so that a failing run names the same image whatever the workers.
 *
 * @throws {DataError} if there are too many bad ones, or a candidate is no longer in the source.
 */
export async function pack(
  sources: readonly Source[],
  candidates: Candidates,
  options: PackOptions,
): Promise<PackResult> {
  const { fitting, pool, ahead, packed } = options;
  const { size } = fitting;
  const sums = new Map(SPLITS.map((split) => [split, new PixelSums()]));
  const underWay: { batch: Batch; reply: Promise<DecodeReply> }[] = [];
  let [done, continued] = [0, 0];

  const keep = (number: number, image: PackedImage) => {
    packed.set(number, image);
    const { width, height } = storedSize(candidates.header(number), fitting);
    sums.get(candidates.split(number))!.add(image.sums, width * height);
  };
  const takeOldest = async () => {
    const { batch, reply } = underWay.shift()!;
    take(batch, await reply);
    await options.onImages(done += batch.images.length);
  };
  const take = ({ candidates: numbers, images }: Batch, reply: DecodeReply) => {
    numbers.forEach((number, i) => {
      const reason = reply.reasons.get(i);
      if (reason !== undefined) {
        return options.bad.add([{ path: candidates.path(number), reason }]);
      }
      const written = options.write(number, recordOf(reply, i));
      const image = { fileBytes: images[i]!.size, ...factsOf(reply, i), ...written };
      keep(number, image);
      options.onPacked(number, image);
    });
    options.endBatch();
    release(reply.records);
  };
  /** Takes an image over that an earlier run has packed. */
  const takeOver = async (number: number, file: SourceFile): Promise<boolean> => {
    const image = packed.notedImage(number);
    if (image === undefined || !isSameFile(image, await file.read())) return false;
    keep(number, image);
    continued++;
    await options.onImages(++done);
    return true;
  };

  for await (const batch of batches(sources, candidates, { ...options, takeOver })) {
    while (underWay.length >= ahead) await takeOldest();
    underWay.push({ batch, reply: pool.decode(batch.images, size) });
  }
  while (underWay.length > 0) await takeOldest();
  return { continued, sums };
}

/** Reads the candidates' files in the sources' order. */
async function* batches(
  sources: readonly Source[],
  candidates: Candidates,
  { fitting, takeOver }: {
    readonly fitting: FitOptions;
    takeOver(number: number, file: SourceFile): Promise<boolean>;
  },
): AsyncGenerator<Batch> {
  const isRead = new Uint8Array(candidates.length);
  let batch: Batch = emptyBatch();
  for await (const file of filesOf(sources)) {
    const number = candidates.find(file.path);
    if (number === undefined || isRead[number] === 1) continue;
    isRead[number] = 1;
    if (await takeOver(number, file)) continue;
    const header = candidates.header(number);
    const stored = storedSize(header, fitting);
    batch.candidates.push(number);
    batch.images.push({ size: file.size, header, stored, content: await contentOf(file) });
    batch.fileBytes += file.size;
    if (!isFull(batch, fitting.size)) continue;
    yield batch;
    batch = emptyBatch();
  }
  if (batch.images.length > 0) yield batch;
  const missing = isRead.indexOf(0);
  if (missing < 0) return;
  const { source } = candidates.at(missing);
  throw new DataError(`Cannot read ${source}: it was there when the source was listed`);
}

function isSameFile({ sha256, fileBytes }: PackedImage, bytes: Uint8Array): boolean {
  if (bytes.length !== fileBytes) return false;
  return createHash("sha256").update(bytes).digest().equals(sha256);
}

function emptyBatch(): Batch {
  return { candidates: [], images: [], fileBytes: 0 };
}

function isFull({ images, fileBytes }: Batch, size: number): boolean {
  return images.length >= BATCH.images || fileBytes >= BATCH.fileBytes ||
    (images.length + 1) * size * size * 3 > BATCH.recordBytes;
}
