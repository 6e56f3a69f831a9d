/** The first pass over the sources: which images there are, how large, in which split and class. */
import { className, extendClasses, sameButCase } from "./classes.ts";
import type { ImageHeader } from "./dimensions.ts";
import { DataError } from "./error.ts";
import { heldOut, type Holdout } from "./holdout.ts";
import { type ListedImage, listImages, type ListingOptions } from "./listing.ts";
import { type SplitName, SPLITS } from "./manifest.ts";
import { prefixesOf, type Source } from "./source.ts";

/** An image that is to be packed. */
export interface Candidate {
  /** Path in the sources, as `filesOf` gives it. */
  readonly source: string;
  /** The same without the one folder that holds everything. */
  readonly path: string;
  readonly split: SplitName;
  readonly label: number;
  readonly header: ImageHeader;
}

/** An image that cannot be packed. */
export interface BadImage {
  readonly path: string;
  readonly reason: string;
}

/** What the sources hold. */
export interface Scan {
  readonly classes: readonly string[];
  /** Sorted: splits in their order, paths within each. */
  readonly candidates: readonly Candidate[];
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

/** Median header of the sources' shorter sides, the lower one of two. */
export function medianShorterSide(candidates: readonly Candidate[]): number {
  const sides = candidates.map(({ header }) => Math.min(header.width, header.height));
  return sides.sort((a, b) => a - b)[Math.floor((sides.length - 1) / 2)]!;
}

/**
 * Goes through the sources and reads the header of every image. Beside others, a source's paths start with its name.
 *
 * @throws {DataError} if there is no image, two have one path, they are not laid out as splits and classes
 * must be, or a validation split is asked for where there is one already.
 */
export async function scan(sources: readonly Source[], options: ScanOptions): Promise<Scan> {
  let [images, damaged] = [0, 0];
  const onImage = (bad: boolean) => options.onImage(++images, damaged += bad ? 1 : 0);
  const listings = [];
  for (const source of sources) listings.push(await listImages(source, { ...options, onImage }));
  if (images === 0) throw new DataError("Cannot find any image in the source");

  const prefixes = prefixesOf(sources);
  const all = listings.flatMap(({ images }, i) => {
    const prefix = options.base === undefined ? prefixes[i] : `${sources[i]!.name}/`;
    if (prefix === "") return images;
    return images.map((image) => {
      return { ...image, source: prefixes[i] + image.source, path: prefix + image.path };
    });
  });
  const classes = extendClasses(options.base?.classes ?? [], listings);
  const { good, bad } = sort(thin(all, options.limit), classes);
  const candidates = holdOut(good, all.some(({ split }) => split === "val"), options.holdout);
  candidates.sort((a, b) => SPLITS.indexOf(a.split) - SPLITS.indexOf(b.split)); // stable: paths stay sorted
  const used = new Set(listings.flatMap(({ used }) => [...used.keys()].map(className)));
  const empty = new Set(listings.flatMap((listing) => listing.empty.map(className)));
  return {
    classes,
    candidates,
    bad,
    empty: [...empty].filter((name) => !used.has(name)).sort(),
    ignored: listings.reduce((sum, { ignored }) => sum + ignored, 0),
    warnings: [
      ...listings.flatMap(({ warnings }) => warnings),
      ...sameButCase(classes).map(([a, b]) => `classes "${a}" and "${b}" differ only in case`),
    ],
  };
}

/** Those that can be packed, and the others. */
function sort(images: readonly ListedImage[], classes: readonly string[]) {
  const labels = new Map(classes.map((name, label) => [name, label]));
  const [good, bad]: [Candidate[], BadImage[]] = [[], []];
  for (const { source, path, header, split, className: name } of images) {
    const label = name === undefined ? -1 : labels.get(className(name)) ?? -1;
    if (typeof header === "string") bad.push({ path, reason: header });
    else good.push({ source, path, split, label, header });
  }
  return { good, bad };
}

/** `count` of the images, evenly spread over the sorted paths, so that each split and class keeps its share. */
function thin(images: readonly ListedImage[], count = images.length): readonly ListedImage[] {
  const sorted = [...images].sort((a, b) => a.path < b.path ? -1 : 1);
  if (count >= sorted.length) return sorted;
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(i * sorted.length / count)]!);
}

function holdOut(
  candidates: readonly Candidate[],
  hasVal: boolean,
  holdout: Holdout | undefined,
): Candidate[] {
  if (holdout === undefined) return [...candidates];
  if (hasVal) {
    throw new DataError("Cannot hold out a share for validation: the source has a val split");
  }
  const train = candidates.filter(({ split }) => split === "train").map(({ path }) => path);
  if (train.length < 2) {
    throw new DataError(`Cannot hold out a share of ${train.length} training images`);
  }
  const val = heldOut(train, holdout);
  return candidates.map((candidate) =>
    candidate.split === "train" && val.has(candidate.path)
      ? { ...candidate, split: "val" }
      : candidate
  );
}
