/** The first pass over a source: which images there are, how large, in which split and class. */
import { DataError } from "./error.ts";
import { dimensions, type ImageHeader } from "./dimensions.ts";
import { heldOut, type Holdout } from "./holdout.ts";
import { isImagePath, type Layout, layoutOf } from "./layout.ts";
import { type SplitName, SPLITS } from "./manifest.ts";
import type { Source, SourceFile } from "./source.ts";

/** An image that is to be packed. */
export interface Candidate {
  /** Path in the source. */
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

/** What a source holds. */
export interface Scan {
  readonly classes: readonly string[];
  /** Sorted: splits in their order, paths within each. */
  readonly candidates: readonly Candidate[];
  /** Images whose header is damaged already, sorted by path. */
  readonly bad: readonly BadImage[];
  /** How many other files there are. */
  readonly ignored: number;
}

/** What to take of a source. */
export interface ScanOptions {
  /** What the decoder reads. */
  readonly decodes: "jpeg" | "all";
  /** At most so many images, spread evenly over the sorted paths. */
  readonly limit?: number;
  readonly holdout?: Holdout;
  /** Called for every image with the number of images and of bad ones so far. */
  onImage(images: number, bad: number): void;
}

/** Bytes that are read first; most headers end before. */
const HEADER_READ = 16_384;

/** Median header of the sources' shorter sides, the lower one of two. */
export function medianShorterSide(candidates: readonly Candidate[]): number {
  const sides = candidates.map(({ header }) => Math.min(header.width, header.height));
  return sides.sort((a, b) => a - b)[Math.floor((sides.length - 1) / 2)]!;
}

/**
 * Goes through a source and reads the header of every image.
 *
 * @throws {DataError} if there is no image, two have one path, they are not laid out as splits and classes
 * must be, or a validation split is asked for where there is one already.
 */
export async function scan(source: Source, options: ScanOptions): Promise<Scan> {
  const { headers, ignored } = await readHeaders(source, options);
  const layout = layoutOf([...headers.keys()]);
  const chosen = thin([...headers.keys()].sort(), options.limit);
  const bad: BadImage[] = [];
  const good: Candidate[] = [];
  for (const path of chosen) {
    const header = headers.get(path)!;
    const inside = path.slice(layout.prefix);
    if (typeof header === "string") bad.push({ path: inside, reason: header });
    else good.push({ source: path, path: inside, header, ...layout.place(path) });
  }
  const candidates = holdOut(good, layout, options.holdout);
  candidates.sort((a, b) => SPLITS.indexOf(a.split) - SPLITS.indexOf(b.split)); // stable: paths stay sorted
  return { classes: layout.classes, candidates, bad, ignored };
}

/** Header, or why there is none, of every image by its path. */
async function readHeaders(source: Source, { decodes, onImage }: ScanOptions) {
  const headers = new Map<string, ImageHeader | string>();
  let ignored = 0;
  let bad = 0;
  for await (const file of source.files()) {
    if (!isImagePath(file.path, decodes)) {
      ignored++;
      continue;
    }
    if (headers.has(file.path)) {
      throw new DataError(`Cannot use a source in which two files are named ${file.path}`);
    }
    const header = await readHeader(file);
    headers.set(file.path, header);
    if (typeof header === "string") bad++;
    onImage(headers.size, bad);
  }
  return { headers, ignored };
}

async function readHeader(file: SourceFile): Promise<ImageHeader | string> {
  try {
    const header = dimensions(await file.read(HEADER_READ)) ?? dimensions(await file.read());
    return header ?? "header cut short";
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** `count` of the paths, evenly spread, so that each split and class keeps its share. */
function thin(paths: readonly string[], count = paths.length): readonly string[] {
  if (count >= paths.length) return paths;
  return Array.from({ length: count }, (_, i) => paths[Math.floor(i * paths.length / count)]!);
}

function holdOut(
  candidates: readonly Candidate[],
  layout: Layout,
  holdout: Holdout | undefined,
): Candidate[] {
  if (holdout === undefined) return [...candidates];
  if (layout.hasVal) {
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
