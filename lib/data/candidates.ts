/** The images that are to be packed, as numbers of a table of images. */
import type { List } from "./column.ts";
import type { ImageHeader } from "./dimensions.ts";
import type { ImageTable } from "./image_table.ts";
import { type SplitName, SPLITS } from "./manifest.ts";

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

/** How the paths of images are told from those in the table. */
export interface PathRule {
  /** What the paths of an image's source start with. */
  readonly start: (image: number) => string;
  /** How many bytes of the path in the table that takes the place of. */
  readonly skipped: (image: number) => number;
}

/** Candidates by split, then path. Each is made anew when it is asked for. */
export class Candidates implements List<Candidate>, Iterable<Candidate> {
  readonly #images: ImageTable;
  readonly #rule: PathRule;
  /** Number in the table of each candidate. */
  readonly #order: Uint32Array;
  /** Number of the candidate that each image in the table is, and 1; 0 = none. */
  readonly #ranks: Uint32Array;
  /** Where each split begins, and where the last ends. */
  readonly #begins: readonly number[];

  /** @param order numbers of the candidates in the table, by path; their splits do not matter. */
  constructor(images: ImageTable, order: Uint32Array, rule: PathRule) {
    this.#images = images;
    this.#rule = rule;
    this.#order = new Uint32Array(order.length);
    this.#ranks = new Uint32Array(images.length);
    const begins = [0];
    let rank = 0;
    for (const split of SPLITS) {
      for (const image of order) {
        if (images.split(image) !== split) continue;
        this.#order[rank++] = image;
        this.#ranks[image] = rank;
      }
      begins.push(rank);
    }
    this.#begins = begins;
  }

  get length(): number {
    return this.#order.length;
  }

  at(i: number): Candidate {
    const image = this.#order[i]!;
    return {
      source: this.#images.paths.at(image),
      path: this.path(i),
      split: this.split(i),
      label: this.label(i),
      header: this.header(i),
    };
  }

  *[Symbol.iterator](): Generator<Candidate> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** Number of the candidate with this path in the sources. */
  find(source: string): number | undefined {
    const image = this.#images.paths.find(source);
    const rank = image === undefined ? 0 : this.#ranks[image]!;
    return rank === 0 ? undefined : rank - 1;
  }

  /** Numbers of the candidates of a split: from `begin` up to but without `end`. */
  range(split: SplitName): { readonly begin: number; readonly end: number } {
    const number = SPLITS.indexOf(split);
    return { begin: this.#begins[number]!, end: this.#begins[number + 1]! };
  }

  split(i: number): SplitName {
    return SPLITS[this.#begins.findLastIndex((begin) => begin <= i)]!;
  }

  /** The rank of a candidate within its split. */
  place(i: number): number {
    return i - this.range(this.split(i)).begin;
  }

  label(i: number): number {
    return this.#images.label(this.#order[i]!);
  }

  header(i: number): ImageHeader {
    return this.#images.header(this.#order[i]!);
  }

  /** Of the upright image, in pixels. */
  width(i: number): number {
    return this.#images.width(this.#order[i]!);
  }

  height(i: number): number {
    return this.#images.height(this.#order[i]!);
  }

  /** Less than 0 if the path of `i` sorts before that of `j`. */
  compare(i: number, j: number): number {
    const [a, b] = [this.#order[i]!, this.#order[j]!];
    const [startA, startB] = [this.#rule.start(a), this.#rule.start(b)];
    if (startA !== startB) return startA < startB ? -1 : 1; // each is a folder, so neither is the start of the other
    const { skipped } = this.#rule;
    return this.#images.paths.compare(a, b, skipped(a), skipped(b));
  }

  path(i: number): string {
    const image = this.#order[i]!;
    return this.#rule.start(image) + this.#images.paths.at(image, this.#rule.skipped(image));
  }

  /** UTF-8. */
  pathBytes(i: number): Uint8Array {
    const image = this.#order[i]!;
    const start = this.#rule.start(image);
    const rest = this.#images.paths.bytes(image, this.#rule.skipped(image));
    return start === "" ? rest : new TextEncoder().encode(this.path(i));
  }
}
