/** The first pass over the sources: which images there are, how large, in which split and class. */
import { Candidates, type PathRule } from "./candidates.ts";
import { className, extendClasses, sameButCase } from "./classes.ts";
import { DataError } from "./error.ts";
import { heldOut, type Holdout } from "./holdout.ts";
import { ImageTable } from "./image_table.ts";
import { listImages, type Listing, type ListingOptions } from "./listing.ts";
import { prefixesOf, type Source } from "./source.ts";

/** An image that cannot be packed. */
export interface BadImage {
  /** Where it lies. */
  readonly path: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** What the sources hold. */
export interface Scan {
  readonly classes: readonly string[];
  /** Sorted: splits in their order, paths within each. */
  readonly candidates: Candidates;
  /** Images that are known to be damaged already, sorted by path. */
  readonly bad: readonly BadImage[];
  /** Classes of which there is no image; they are in `classes` only where the source lists them. */
  readonly empty: readonly string[];
  /** How many other files there are. */
  readonly ignored: number;
  /** What may be a mistake. */
  readonly warnings: readonly string[];
}

/** What to take of the sources. */
export interface ScanOptions extends Omit<ListingOptions, "onImage"> {
  /** At most so many images, spread evenly over the sorted paths. */
  readonly limit?: number;
  readonly holdout?: Holdout;
  /** Of a dataset to which the images are appended: its classes, which keep their labels. Paths then start with the source's name. */
  readonly base?: { readonly classes: readonly string[] };
  /** Called for every image with the number of images and of bad ones so far. */
  onImage(images: number, bad: number): void;
}

/** Median of the candidates' shorter sides, the lower one of two. */
export function medianShorterSide(candidates: Candidates): number {
  const sides = new Uint32Array(candidates.length);
  for (let i = 0; i < sides.length; i++) {
    const { width, height } = candidates.header(i);
    sides[i] = Math.min(width, height);
  }
  return sides.sort()[Math.floor((sides.length - 1) / 2)]!;
}

/**
 * Goes through the sources and reads the header of every image. Beside others, a source's paths start with its name.
 *
 * @throws {DataError} if there is no image, two have one path, they are not laid out as splits and classes
 * must be, or a validation split is asked for where there is one already.
 */
export async function scan(sources: readonly Source[], options: ScanOptions): Promise<Scan> {
  let damaged = 0;
  const images = new ImageTable();
  const onImage = (bad: boolean) => options.onImage(images.length, damaged += bad ? 1 : 0);
  const prefixes = prefixesOf(sources);
  const listings: Listing[] = [];
  for (const [i, source] of sources.entries()) {
    const prefix = prefixes[i]!;
    listings.push(await listImages(source, images, { ...options, prefix, onImage }));
  }
  if (images.length === 0) throw new DataError("Cannot find any image in the source");

  const starts = options.base === undefined ? prefixes : sources.map(({ name }) => `${name}/`);
  const rule = pathRule(listings, starts);
  const pathOf = (image: number) => rule.start(image) + images.paths.at(image, rule.skipped(image));
  const classes = extendClasses(options.base?.classes ?? [], listings);
  relabel(images, listings, classes);
  const order = thin(sorted(images, listings, starts), options.limit);
  const good = order.filter((image) => images.reason(image) === undefined);
  const bad = Array.from(
    order.filter((image) => images.reason(image) !== undefined),
    (image) => ({ path: pathOf(image), reason: images.reason(image)! }),
  );
  holdOut(images, { good, pathOf, holdout: options.holdout });
  const used = new Set(listings.flatMap(({ used }) => [...used.keys()].map(className)));
  const empty = new Set(listings.flatMap((listing) => listing.empty.map(className)));
  return {
    classes,
    candidates: new Candidates(images, good, rule),
    bad,
    empty: [...empty].filter((name) => !used.has(name)).sort(),
    ignored: listings.reduce((sum, { ignored }) => sum + ignored, 0),
    warnings: [
      ...listings.flatMap(({ warnings }) => warnings),
      ...sameButCase(classes).map(([a, b]) => `classes "${a}" and "${b}" differ only in case`),
    ],
  };
}

/** Paths start as their sources say, without the folder that holds everything. */
function pathRule(listings: readonly Listing[], starts: readonly string[]): PathRule {
  const numberOf = (image: number): number => {
    let [low, high] = [0, listings.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (listings[middle]!.first <= image) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    start: (image) => starts[numberOf(image)]!,
    skipped: (image) => listings[numberOf(image)]!.skipped(image),
  };
}

/** From labels of the sources to those of all together. */
function relabel(
  images: ImageTable,
  listings: readonly Listing[],
  classes: readonly string[],
): void {
  const labels = new Map(classes.map((name, label) => [name, label]));
  for (const { first, count, names } of listings) {
    const own = names.map((name) => labels.get(className(name)) ?? -1);
    for (let image = first; image < first + count; image++) {
      images.setLabel(image, own[images.label(image)] ?? -1);
    }
  }
}

/** All images by path. */
function sorted(
  images: ImageTable,
  listings: readonly Listing[],
  starts: readonly string[],
): Uint32Array {
  const order = new Uint32Array(images.length);
  let at = 0;
  const byStart = [...listings.keys()].sort((a, b) => starts[a]! < starts[b]! ? -1 : 1);
  for (const { first, count, skipped } of byStart.map((i) => listings[i]!)) {
    const own = order.subarray(at, at += count);
    for (let i = 0; i < count; i++) own[i] = first + i;
    own.sort((a, b) => images.paths.compare(a, b, skipped(a), skipped(b)));
  }
  return order;
}

/** `count` of the images, evenly spread over the sorted paths, so that each split and class keeps its share. */
function thin(order: Uint32Array, count = order.length): Uint32Array {
  if (count >= order.length) return order;
  return Uint32Array.from(
    { length: count },
    (_, i) => order[Math.floor(i * order.length / count)]!,
  );
}

/** Moves a share of the training images to the validation split. */
function holdOut(
  images: ImageTable,
  { good, pathOf, holdout }: {
    readonly good: Uint32Array;
    readonly holdout: Holdout | undefined;
    pathOf(image: number): string;
  },
): void {
  if (holdout === undefined) return;
  for (let image = 0; image < images.length; image++) {
    if (images.split(image) !== "val") continue;
    throw new DataError("Cannot hold out a share for validation: the source has a val split");
  }
  const train = good.filter((image) => images.split(image) === "train");
  if (train.length < 2) {
    throw new DataError(`Cannot hold out a share of ${train.length} training images`);
  }
  const paths = { length: train.length, at: (i: number) => pathOf(train[i]!) };
  for (const i of heldOut(paths, holdout)) images.setSplit(train[i]!, "val");
}
