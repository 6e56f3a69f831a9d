/** What the entries of a source say, before all of it is known. */
import { Column } from "./column.ts";
import type { ImageHeader } from "./dimensions.ts";
import { DataError } from "./error.ts";
import type { ImageTable } from "./image_table.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { SplitName } from "./manifest.ts";
import { Numbering } from "./numbering.ts";
import { PathSet } from "./path_set.ts";
import type { GivenPlace, Source, SourceEntry, SourceFile } from "./source.ts";
import { keyOf } from "./tar_source.ts";

/** What says where an image belongs, and what its label in the table is the number of until its class is known. */
const BY = {
  /** Its source; a label that was given. */
  label: 0,
  /** Its path; its folder. */
  path: 1,
  /** Nothing: there is no more of it than its name. */
  nothing: 2,
} as const;

/** What a folder or label says of an image. */
interface Meaning {
  readonly className: string | undefined;
  readonly split?: SplitName;
  /** Why the image is bad. */
  readonly reason?: string;
}

/** The images of a source while it is gone through, and what was found beside them. */
export class Collected {
  /** Number of the source's first image in the table. */
  readonly first: number;
  /** Folders that are there, with or without images. */
  readonly folders = new Set<string>();
  readonly warnings: string[] = [];
  /** Names of the classes that the source lists. */
  names: readonly string[] | undefined;
  /** How many other files there are. */
  ignored = 0;
  readonly #images: ImageTable;
  readonly #source: Pick<Source, "split">;
  readonly #prefix: string;
  readonly #by = new Column(Uint8Array);
  /** Labels of images, or of files beside them. */
  readonly #given = new Numbering<GivenPlace["label"]>();
  /** Folders of the images, and the first image in each. */
  readonly #places = new Numbering<string>();
  readonly #examples: string[] = [];
  /** Files that label images: what their paths share with the images', and the number of the label. */
  readonly #keys = new PathSet();
  readonly #keyLabels = new Column(Uint32Array);

  /** @param prefix what the source's paths start with in the table. */
  constructor(images: ImageTable, source: Pick<Source, "split">, prefix: string) {
    this.#images = images;
    this.#source = source;
    this.#prefix = prefix;
    this.first = images.length;
  }

  /** @param header or why it is bad. @throws {DataError} if there is one of its path. */
  addFile({ path, place }: SourceFile, header: ImageHeader | string): void {
    if (place !== undefined) {
      const image = this.#add(path, header, BY.label);
      this.#images.setSplit(image, place.split);
      this.#images.setLabel(image, this.#given.of(place.label));
    } else {
      const image = this.#add(path, header, BY.path);
      const folder = this.#places.of(path.slice(0, path.lastIndexOf("/") + 1));
      if (folder === this.#examples.length) this.#examples.push(path);
      this.#images.setLabel(image, folder);
    }
  }

  /** @throws {DataError} if there is an image of its path. */
  addBad({ path, reason }: Extract<SourceEntry, { kind: "bad" }>): void {
    this.#images.setSplit(this.#add(path, reason, BY.nothing), this.#source.split);
  }

  addLabel({ key, label }: Extract<SourceEntry, { kind: "label" }>): void {
    const number = this.#given.of(label);
    if (this.#keys.add(key) !== undefined) this.#keyLabels.push(number);
    else this.#keyLabels.set(this.#keys.find(key)!, number);
  }

  /** How many bytes at the start of the path of an image are no part of it: those of the one folder that holds everything. */
  skipped(layout: Layout): (image: number) => number {
    const folder = this.#examples[0]?.slice(0, layout.prefix) ?? "";
    const [outside, inside] = [this.#prefix, this.#prefix + folder]
      .map((start) => new TextEncoder().encode(start).length);
    return (image) => this.#by.at(image - this.first) === BY.path ? inside! : outside!;
  }

  /**
   * Gives all images their splits and the numbers of their classes.
   *
   * @returns names of the classes, and what the paths say.
   * @throws {DataError} if the images are not laid out as splits and classes must be.
   */
  place(): { readonly classes: readonly string[]; readonly layout: Layout } {
    const layout = layoutOf(this.#labelByFiles() ? [] : this.#examples);
    const classes = new Numbering<string>();
    const places: readonly Meaning[] = this.#examples.map((path) => layout.place(path));
    const labels = this.#given.values.map((label) => this.#meaning(label));
    for (let image = this.first; image < this.#images.length; image++) {
      const by = this.#by.at(image - this.first);
      if (by === BY.nothing) continue;
      const number = this.#images.label(image);
      const { split, className, reason } = (by === BY.path ? places : labels)[number]!;
      if (split !== undefined) this.#images.setSplit(image, split);
      if (reason !== undefined) this.#images.spoil(image, reason);
      this.#images.setLabel(image, className === undefined ? -1 : classes.of(className));
    }
    return { classes: classes.values, layout };
  }

  /** Where files beside images label any of them, they say where all belong that nothing else does. @returns whether they do. */
  #labelByFiles(): boolean {
    if (this.#keys.length === 0) return false;
    const keyed = (image: number) =>
      this.#keys.find(keyOf(this.#images.paths.at(image).slice(this.#prefix.length)));
    let found = false;
    for (let image = this.first; image < this.#images.length && !found; image++) {
      found = keyed(image) !== undefined;
    }
    if (!found) return false;
    for (let image = this.first; image < this.#images.length; image++) {
      if (this.#by.at(image - this.first) === BY.label) continue;
      const key = keyed(image);
      this.#by.set(image - this.first, BY.label);
      this.#images.setSplit(image, this.#source.split);
      const label = key === undefined ? this.#given.of(undefined) : this.#keyLabels.at(key);
      this.#images.setLabel(image, label);
    }
    return true;
  }

  /** The class that a label means, or why it means none. */
  #meaning(label: GivenPlace["label"]): Meaning {
    if (label === undefined || (typeof label === "number" && label < 0)) {
      return { className: undefined };
    }
    if (typeof label === "string" || this.names === undefined) return { className: String(label) };
    const className = this.names[label];
    if (className !== undefined) return { className };
    return { className, reason: `label ${label} of ${this.names.length} classes` };
  }

  #add(path: string, header: ImageHeader | string, by: number): number {
    const image = this.#images.add(this.#prefix + path, header);
    if (image === undefined) {
      throw new DataError(`Cannot use a source in which two files are named ${path}`);
    }
    this.#by.push(by);
    return image;
  }
}
