/** All images of anything that holds images, one after another, as evaluation looks at them. */
import { isFile } from "../files/mod.ts";
import { DecodePool, type ImageFile } from "./decode_pool.ts";
import { type DecodeReply, recordOf } from "./decode_reply.ts";
import { type DecoderName, MAX_PIXELS, openDecoder } from "./decoder.ts";
import { fileOf } from "./folder_source.ts";
import { isImagePath } from "./layout.ts";
import { headerOf } from "./listing.ts";
import { openSources } from "./open_source.ts";
import { release } from "./release.ts";
import type { BadImage } from "./scan.ts";
import { contentOf, prefixesOf, type Source, type SourceEntry } from "./source.ts";

/** Square images and where they come from. */
export interface ImageBatch {
  /** Paths in their source; beside others, a source's paths start with its name. */
  readonly names: readonly string[];
  /** uint8 `[names, size, size, 3]`. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** How images are read. */
export interface ImageStreamOptions {
  /** Pixels of a side. */
  readonly size: number;
  /** Share of the central square that is shown, in (0, 1]; an image of just the size is shown whole. */
  readonly centre: number;
  /** Images of a batch; the last may have fewer. */
  readonly batch: number;
  /** Threads that decode; one a core unless given. */
  readonly workers?: number | undefined;
  /** Default: sharp where it loads. */
  readonly decoder?: DecoderName | undefined;
  /** Most pixels that an image may say it has. */
  readonly maxPixels?: number | undefined;
  /** Told of every image that cannot be used; what it throws ends the stream. */
  readonly onBad: (image: BadImage) => void;
}

/** Images of a message to a worker: few, since files may be large. */
const MESSAGE = { images: 16, fileBytes: 8 << 20 } as const;
/** Messages under way per worker. */
const AHEAD_PER_WORKER = 3;

/** An image that is to be decoded. */
interface Pending extends ImageFile {
  readonly name: string;
}

/** What images are read as. */
interface Reading {
  readonly size: number;
  /** Side of the square that is decoded. */
  readonly record: number;
  readonly decodes: "jpeg" | "all";
  readonly maxPixels: number;
  readonly onBad: ImageStreamOptions["onBad"];
}

/**
 * Reads, decodes, resizes and crops: the shorter side of the central square to `size / centre` pixels, of which the middle is cut
 * out. However many images there are, a bounded number is in memory.
 *
 * @param paths image files, or whatever `prepare` reads: folders, tars, lists.
 * @throws {DataError} if there is nothing at a path, or it is something else.
 *
 * @example
 * ```ts
 * import { streamImages } from "./mod.ts";
 *
 * const options = {
 *   size: 32,
 *   centre: 1,
 *   batch: 8,
 *   onBad: (image: unknown) => console.warn(image),
 * };
 * for await (const { names } of streamImages(["pictures"], options)) console.log(names);
 * ```
 */
export async function* streamImages(
  paths: readonly string[],
  options: ImageStreamOptions,
): AsyncGenerator<ImageBatch> {
  const { size, centre, batch, workers = navigator.hardwareConcurrency, onBad } = options;
  const { maxPixels = MAX_PIXELS } = options;
  const record = Math.round(size / centre);
  const sources = await openAll(paths);
  const { name: decoder, decodes } = await openDecoder(options.decoder);
  const start = { decoder, fit: "crop", maxPixels, quality: null } as const;
  using pool = await DecodePool.open(start, workers);
  const decode = (images: readonly Pending[]) => {
    const reply = pool.decode(images, record);
    return {
      names: images.map(({ name }) => name),
      sides: images.map(({ stored }) => stored.width),
      reply,
    };
  };
  const underWay: ReturnType<typeof decode>[] = [];
  const filling = new Filling({ size, record, batch });
  const takeOldest = async () => {
    const { reply, ...images } = underWay.shift()!;
    return filling.add(images, await reply, onBad);
  };
  const reading: Reading = { size, record, decodes, maxPixels, onBad };
  for await (const images of messages(sources, reading)) {
    while (underWay.length >= AHEAD_PER_WORKER * workers) yield* await takeOldest();
    underWay.push(decode(images));
  }
  while (underWay.length > 0) yield* await takeOldest();
  yield* filling.rest();
}

/** Images on their way into batches. */
class Filling {
  readonly #sizes: { readonly size: number; readonly record: number; readonly batch: number };
  #names: string[] = [];
  #pixels: Uint8Array<ArrayBuffer>;

  constructor(sizes: { readonly size: number; readonly record: number; readonly batch: number }) {
    this.#sizes = sizes;
    this.#pixels = this.#empty();
  }

  /** Adds what was decoded; the batches that are full now. */
  add(
    { names, sides }: { readonly names: readonly string[]; readonly sides: readonly number[] },
    reply: DecodeReply,
    onBad: ImageStreamOptions["onBad"],
  ): ImageBatch[] {
    const { size, record, batch } = this.#sizes;
    const full: ImageBatch[] = [];
    names.forEach((name, i) => {
      const reason = reply.reasons.get(i);
      if (reason !== undefined) return onBad({ path: name, reason });
      const pixels = recordOf(reply, i);
      const start = (sides[i]! - size) >> 1; // of the middle
      const target = this.#pixels.subarray(this.#names.length * size * size * 3);
      for (let y = 0; y < size; y++) {
        const from = ((start + y) * record + start) * 3;
        target.set(pixels.subarray(from, from + size * 3), y * size * 3);
      }
      this.#names.push(name);
      if (this.#names.length === batch) full.push(...this.rest());
    });
    release(reply.records);
    return full;
  }

  /** What is left for a last batch: one, or none. */
  rest(): ImageBatch[] {
    const { size } = this.#sizes;
    const names = this.#names;
    if (names.length === 0) return [];
    const pixels = this.#pixels.slice(0, names.length * size * size * 3);
    this.#names = [];
    this.#pixels = this.#empty();
    return [{ names, pixels }];
  }

  #empty(): Uint8Array<ArrayBuffer> {
    const { size, batch } = this.#sizes;
    return new Uint8Array(batch * size * size * 3);
  }
}

/** A source, and what the paths of its images start with. */
interface Named {
  readonly source: Source;
  readonly prefix: string;
}

/** Sources of several paths as `openSources` tells them apart; an image given by itself is called as it was given. */
async function openAll(paths: readonly string[]): Promise<Named[]> {
  const isAlone = (path: string) => isImagePath(path) && isFile(path);
  const sources = await openSources(paths.filter((path) => !isAlone(path)));
  const prefixes = prefixesOf(sources);
  return [
    ...sources.map((source, i) => ({ source, prefix: prefixes[i]! })),
    ...paths.filter(isAlone).map((path) => ({ source: single(path), prefix: "" })),
  ];
}

/** An image file as a source. */
function single(path: string): Source {
  async function* entries(): AsyncGenerator<SourceEntry> {
    yield fileOf(path, path);
  }
  return { name: path, split: "train", entries };
}

/** The images of all sources, so many together as go to a worker at once. */
async function* messages(sources: readonly Named[], how: Reading): AsyncGenerator<Pending[]> {
  let images: Pending[] = [];
  let fileBytes = 0;
  for (const { source, prefix } of sources) {
    for await (const entry of source.entries()) {
      const image = await pendingOf(entry, prefix, how);
      if (image === null) continue;
      if ("reason" in image) {
        how.onBad(image);
        continue;
      }
      images.push(image);
      fileBytes += image.size;
      if (images.length < MESSAGE.images && fileBytes < MESSAGE.fileBytes) continue;
      yield images;
      [images, fileBytes] = [[], 0];
    }
  }
  if (images.length > 0) yield images;
}

/** An entry as an image to decode, or why it is bad; null if it is no image. */
async function pendingOf(
  entry: SourceEntry,
  prefix: string,
  { size, record, decodes, maxPixels }: Reading,
): Promise<Pending | BadImage | null> {
  if (entry.kind === "bad") return { path: prefix + entry.path, reason: entry.reason };
  if (entry.kind !== "file" || entry.place === undefined && !isImagePath(entry.path)) return null;
  const name = prefix + entry.path;
  const header = await headerOf(entry, { decodes, maxPixels });
  if (typeof header === "string") return { path: name, reason: header };
  const side = header.width === size && header.height === size ? size : record;
  const stored = { width: side, height: side };
  return { name, size: entry.size, header, stored, content: await contentOf(entry) };
}
