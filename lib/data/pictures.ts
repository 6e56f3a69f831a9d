/** A few images of anything that holds images, ready to be looked at. */
import { isFile } from "../files/mod.ts";
import { permutation, random } from "../tensor/mod.ts";
import { centreCrop, scaleBox } from "./crop.ts";
import { openDataset, type Split } from "./dataset.ts";
import { type Decoder, openDecoder } from "./decoder.ts";
import { dimensions } from "./dimensions.ts";
import { DataError } from "./error.ts";
import { isImagePath } from "./layout.ts";
import { MANIFEST, type SplitName } from "./manifest.ts";
import { openSources } from "./open_source.ts";
import { resample } from "./resample.ts";
import { filesOf, type SourceFile } from "./source.ts";

/** A square image. */
export interface Picture {
  /** Where it came from: its path in the dataset or source. */
  readonly name: string;
  /** Name of its class; null if it has none, or its source is no packed dataset. */
  readonly label: string | null;
  /** uint8 `[size, size, 3]`, row-major. */
  readonly pixels: Uint8Array;
}

/** Which images, and how large. */
export interface PictureOptions {
  /** Most images; if there are more, these are drawn. */
  readonly count: number;
  /** Of the draw. */
  readonly seed: number;
  /** Pixels of a side. */
  readonly size: number;
  /** Of a packed dataset; the first there is of val, test and train unless given. */
  readonly split?: SplitName | undefined;
}

/**
 * Reads the central squares of some images, in the order in which they lie there.
 *
 * @param paths packed datasets, image files, or whatever `prepare` reads: folders, tars, lists.
 * @throws {DataError} if there is nothing at a path, no image in it, or a drawn image is damaged.
 *
 * @example
 * ```ts
 * import { readPictures } from "./mod.ts";
 *
 * const [picture] = await readPictures(["pictures"], { count: 1, seed: 0, size: 32 });
 * console.assert(picture!.pixels.length === 32 * 32 * 3);
 * ```
 */
export async function readPictures(
  paths: readonly string[],
  options: PictureOptions,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const path of paths) {
    const own = isDataset(path)
      ? recordPictures(path, options)
      : isImagePath(path)
      ? [await decodePicture(path, await readImage(path), { decoder: await openSquare(), options })]
      : await sourcePictures(path, options);
    if (own.length === 0) throw new DataError(`Cannot find any image in ${path}`);
    pictures.push(...own);
  }
  const { count, seed } = options;
  return drawn(pictures.length, { count, seed }).map((i) => pictures[i]!);
}

/** At most `count` of 0 .. all - 1, drawn, ascending. */
function drawn(all: number, { count, seed }: { count: number; seed: number }): number[] {
  const order = permutation(random({ seed, purpose: "draw" }), all);
  return [...order.slice(0, count)].sort((a, b) => a - b);
}

function isDataset(path: string): boolean {
  return isFile(`${path}/${MANIFEST}`);
}

function recordPictures(path: string, { split: name, ...options }: PictureOptions): Picture[] {
  using dataset = openDataset(path);
  const preferred = (["val", "test", "train"] as const).find((split) => dataset.has(split));
  const split = dataset.split(name ?? preferred!);
  const { classes, size } = dataset.manifest;
  const record = new Uint8Array(split.recordBytes);
  return drawn(split.count, options).map((i) => {
    split.read(i, record);
    return {
      name: split.path(i),
      label: classes[split.label(i)] ?? null,
      pixels: squareOf(split, i, { record, size, wanted: options.size }),
    };
  });
}

/** The central square of a record, in the proportions that its image had. */
function squareOf(
  split: Split,
  i: number,
  { record, size, wanted }: { record: Uint8Array; size: number; wanted: number },
): Uint8Array {
  const original = split.originalSize(i);
  const box = scaleBox(centreCrop(original, { centre: 1 }), original, split.storedSize(i));
  const part = {
    left: Math.floor(box.left),
    top: Math.floor(box.top),
    width: Math.max(1, Math.floor(box.width)),
    height: Math.max(1, Math.floor(box.height)),
  };
  return resample(record, { width: size, height: size }, { width: wanted, height: wanted }, {
    part,
  }).slice();
}

async function sourcePictures(path: string, options: PictureOptions): Promise<Picture[]> {
  const sources = await openSources([path]);
  let count = 0;
  for await (const file of filesOf(sources)) count += Number(isImage(file));
  const wanted = new Set(drawn(count, options));
  const decoder = await openSquare();
  const pictures: Picture[] = [];
  let i = 0;
  for await (const file of filesOf(sources)) {
    if (!isImage(file) || !wanted.has(i++)) continue;
    const bytes = await file.read();
    pictures.push(await decodePicture(file.path, bytes, { decoder, options, header: file.header }));
  }
  return pictures;
}

function isImage({ path, place }: SourceFile): boolean {
  return place !== undefined || isImagePath(path);
}

function openSquare(): Promise<Decoder> {
  return openDecoder(undefined, { fit: "crop" });
}

async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(`Cannot read ${path}: there is no such file`, { cause });
  }
}

async function decodePicture(
  name: string,
  bytes: Uint8Array,
  { decoder, options: { size }, header: known }: {
    decoder: Decoder;
    options: PictureOptions;
    header?: SourceFile["header"] | undefined;
  },
): Promise<Picture> {
  try {
    const header = known ?? dimensions(bytes);
    if (header === undefined) throw new Error("header cut short");
    const pixels = await decoder.decode(bytes, header, { width: size, height: size });
    return { name, label: null, pixels };
  } catch (error) {
    throw new DataError(`Cannot use the image ${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
