/** Going through one source: its images, each with its header, split and class. */
import { type ClassesOfSource, distinct } from "./classes.ts";
import { Collected } from "./collected.ts";
import { dimensions, type ImageHeader } from "./dimensions.ts";
import type { ImageTable } from "./image_table.ts";
import { isImagePath } from "./layout.ts";
import type { SplitName } from "./manifest.ts";
import type { Source, SourceFile } from "./source.ts";

/** What one source holds. */
export interface Listing extends ClassesOfSource {
  /** Number of its first image in the table; the others follow in the source's order. */
  readonly first: number;
  readonly count: number;
  /** How many bytes at the start of an image's path in the table are no part of it: its source's name, a folder that holds all. */
  skipped(image: number): number;
  /** Names of the classes by the labels of the source's images. */
  readonly names: readonly string[];
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

/**
 * Goes through a source, reads the header of every image and adds it to the table.
 *
 * @param prefix what the source's paths start with in the table.
 * @throws {DataError} if two images have one path, or they are not laid out as splits and classes must be.
 */
export async function listImages(
  source: Source,
  images: ImageTable,
  { prefix, ...options }: ListingOptions & { readonly prefix: string },
): Promise<Listing> {
  const found = new Collected(images, source, prefix);
  await collect(source, found, options);
  const { first, names: listed, ignored, warnings } = found;
  const { classes: names, layout } = found.place();
  const used = new Map<string, Set<SplitName>>();
  const empty = new Set(listed);
  for (let image = first; image < images.length; image++) {
    const name = names[images.label(image)];
    if (name === undefined) continue;
    if (images.reason(image) !== undefined) empty.add(name);
    else used.set(name, (used.get(name) ?? new Set()).add(images.split(image)));
  }
  for (const folder of found.folders) {
    const name = layout.classOfFolder(folder);
    if (name !== undefined) empty.add(name);
  }
  return {
    first,
    count: images.length - first,
    skipped: found.skipped(layout),
    names,
    used,
    empty: [...empty].filter((name) => !used.has(name)).sort(),
    ignored,
    warnings,
    ...listed === undefined ? {} : { listed },
  };
}

async function collect(source: Source, found: Collected, options: ListingOptions): Promise<void> {
  for await (const entry of source.entries()) {
    if (entry.kind === "folder") found.folders.add(entry.path);
    else if (entry.kind === "label") found.addLabel(entry);
    else if (entry.kind === "classes") found.names = distinct(entry.names);
    else if (entry.kind === "warning") found.warnings.push(entry.message);
    else if (entry.kind === "bad") {
      found.addBad(entry);
      options.onImage(true);
    } else if (entry.place === undefined && !isImagePath(entry.path)) {
      found.ignored++;
      if (entry.path.includes("/")) found.folders.add(entry.path.replace(/\/[^/]*$/, ""));
    } else {
      const header = await headerOf(entry, options);
      found.addFile(entry, header);
      options.onImage(typeof header === "string");
    }
  }
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
