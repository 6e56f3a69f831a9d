/** Going through one source: its images, each with its header, split and class. */
import { type ClassesOfSource, distinct } from "./classes.ts";
import { dimensions, type ImageHeader } from "./dimensions.ts";
import { DataError } from "./error.ts";
import { isImagePath, layoutOf } from "./layout.ts";
import type { SplitName } from "./manifest.ts";
import type { GivenPlace, Source, SourceFile } from "./source.ts";
import { keyOf } from "./tar_source.ts";

/** An image of a source. */
export interface ListedImage {
  /** Path in the source. */
  readonly source: string;
  /** The same without the one folder that holds everything. */
  readonly path: string;
  /** What it is, or why it is bad. */
  readonly header: ImageHeader | string;
  readonly split: SplitName;
  /** Name of its class; `undefined` = unlabelled. */
  readonly className: string | undefined;
}

/** What one source holds. */
export interface Listing extends ClassesOfSource {
  /** In the source's order. */
  readonly images: readonly ListedImage[];
  /** Classes that have no image, sorted. */
  readonly empty: readonly string[];
  /** How many other files there are. */
  readonly ignored: number;
  readonly warnings: readonly string[];
}

/** What is looked for. */
export interface ListingOptions {
  /** What the decoder reads. */
  readonly decodes: "jpeg" | "all";
  /** Most pixels that an image may say it has. */
  readonly maxPixels: number;
  /** Called for every image; true if it is bad. */
  onImage(bad: boolean): void;
}

/** Bytes that are read first; most headers end before. */
const HEADER_READ = 16_384;

/** An image before all of its source is known. */
interface Found {
  readonly path: string;
  readonly header: ImageHeader | string;
  /** False if there is no more than its name, which says nothing of splits and classes. */
  readonly there: boolean;
  readonly place?: GivenPlace;
}

/** Everything that a source's entries say. */
interface Heap {
  readonly found: Map<string, Found>;
  readonly labels: Map<string, string | number>;
  readonly folders: Set<string>;
  readonly warnings: string[];
  names: readonly string[] | undefined;
  ignored: number;
}

/**
 * Goes through a source and reads the header of every image.
 *
 * @throws {DataError} if two images have one path, or they are not laid out as splits and classes must be.
 */
export async function listImages(source: Source, options: ListingOptions): Promise<Listing> {
  const { labels, names, folders, ignored, warnings, ...heap } = await collect(source, options);
  const found = [...heap.found.values()];
  const labelled = found.some(({ path }) => labels.has(keyOf(path)));
  const given = (image: Found): GivenPlace | undefined => {
    if (image.place !== undefined || !labelled) return image.place;
    return { split: source.split, label: labels.get(keyOf(image.path)) };
  };
  const layout = layoutOf(
    found.filter((image) => image.there && given(image) === undefined).map(({ path }) => path),
  );
  const images = found.map((image): ListedImage => {
    const { path, header, there } = image;
    const place = given(image);
    if (place !== undefined) return { source: path, path, ...withLabel(header, place, names) };
    if (!there) return { source: path, path, header, split: source.split, className: undefined };
    return { source: path, path: path.slice(layout.prefix), header, ...layout.place(path) };
  });

  const used = new Map<string, Set<SplitName>>();
  const empty = new Set([...names ?? []]);
  for (const { header, split, className } of images) {
    if (className === undefined) continue;
    if (typeof header === "string") empty.add(className);
    else used.set(className, (used.get(className) ?? new Set()).add(split));
  }
  for (const folder of folders) {
    const className = layout.classOfFolder(folder);
    if (className !== undefined) empty.add(className);
  }
  const listing = {
    images,
    used,
    empty: [...empty].filter((name) => !used.has(name)).sort(),
    ignored,
    warnings,
  };
  return names === undefined ? listing : { ...listing, listed: names };
}

async function collect(source: Source, options: ListingOptions): Promise<Heap> {
  const heap: Heap = {
    found: new Map(),
    labels: new Map(),
    folders: new Set(),
    warnings: [],
    names: undefined,
    ignored: 0,
  };
  const add = (image: Found) => {
    if (heap.found.has(image.path)) {
      throw new DataError(`Cannot use a source in which two files are named ${image.path}`);
    }
    heap.found.set(image.path, image);
    options.onImage(typeof image.header === "string");
  };
  for await (const entry of source.entries()) {
    if (entry.kind === "bad") add({ path: entry.path, header: entry.reason, there: false });
    else if (entry.kind === "folder") heap.folders.add(entry.path);
    else if (entry.kind === "label") heap.labels.set(entry.key, entry.label);
    else if (entry.kind === "classes") heap.names = distinct(entry.names);
    else if (entry.kind === "warning") heap.warnings.push(entry.message);
    else if (entry.place === undefined && !isImagePath(entry.path)) {
      heap.ignored++;
      if (entry.path.includes("/")) heap.folders.add(entry.path.replace(/\/[^/]*$/, ""));
    } else {
      const { path, place } = entry;
      const header = await headerOf(entry, options);
      add({ path, header, there: true, ...(place === undefined ? {} : { place }) });
    }
  }
  return heap;
}

/** The header of an image that can be decoded, or why it cannot. */
export async function headerOf(
  file: SourceFile,
  { decodes, maxPixels }: Pick<ListingOptions, "decodes" | "maxPixels">,
): Promise<ImageHeader | string> {
  let header: ImageHeader | undefined;
  try {
    header = file.header ?? dimensions(await file.read(HEADER_READ)) ??
      dimensions(await file.read());
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    if (error instanceof Deno.errors.PermissionDenied) return "cannot be read: permission denied";
    throw error;
  }
  if (header === undefined) return "header cut short";
  const { format, width, height } = header;
  if (decodes === "jpeg" && format !== "jpeg" && format !== "raw") {
    return `${format} data, which needs sharp`;
  }
  if (width * height > maxPixels) {
    return `declares ${width} x ${height} pixels, more than --max-pixels ${maxPixels}`;
  }
  return header;
}

/** Where an image belongs by a label that may be a number. */
function withLabel(
  header: ImageHeader | string,
  { split, label }: GivenPlace,
  names: readonly string[] | undefined,
): Pick<ListedImage, "header" | "split" | "className"> {
  if (label === undefined || (typeof label === "number" && label < 0)) {
    return { header, split, className: undefined };
  }
  if (typeof label === "string" || names === undefined) {
    return { header, split, className: String(label) };
  }
  const className = names[label];
  if (className !== undefined) return { header, split, className };
  return { header: `label ${label} of ${names.length} classes`, split, className };
}
