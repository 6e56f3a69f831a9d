/** What is known of the images of all sources, in columns. */
import { Column } from "./column.ts";
import type { ImageFormat, ImageHeader } from "./dimensions.ts";
import { type SplitName, SPLITS } from "./manifest.ts";
import { PathSet } from "./path_set.ts";

/** Formats by number; 0 is for images that are bad. */
const FORMATS = ["jpeg", "png", "webp", "gif", "avif", "raw"] as const satisfies ImageFormat[];

/** Of the byte that holds a header: three bits are its format, four its orientation, and one is this. */
const CMYK = 0x80;

/** Images that are added one by one; their numbers count from 0. */
export class ImageTable {
  /** Paths as `filesOf` gives them. */
  readonly paths = new PathSet();
  readonly #headers = new Column(Uint8Array);
  readonly #widths = new Column(Uint32Array);
  readonly #heights = new Column(Uint32Array);
  readonly #splits = new Column(Uint8Array);
  readonly #labels = new Column(Int32Array);
  readonly #reasons = new Map<number, string>();

  get length(): number {
    return this.paths.length;
  }

  /**
   * Adds an image of the split `train` with label -1.
   *
   * @param header or why it is bad.
   * @returns its number, or `undefined` if there is one of this path.
   */
  add(path: string, header: ImageHeader | string): number | undefined {
    const i = this.paths.add(path);
    if (i === undefined) return undefined;
    if (typeof header === "string") {
      this.#reasons.set(i, header);
      this.#push(0, 0, 0);
    } else {
      const { format, orientation, cmyk, width, height } = header;
      const packed = 1 + FORMATS.indexOf(format) | orientation << 3 | (cmyk ? CMYK : 0);
      this.#push(packed, width, height);
    }
    return i;
  }

  /** Why image `i` is bad; `undefined` if it is good. */
  reason(i: number): string | undefined {
    return this.#headers.at(i) === 0 ? this.#reasons.get(i) : undefined;
  }

  /** Says that image `i` is bad. */
  spoil(i: number, reason: string): void {
    this.#headers.set(i, 0);
    this.#reasons.set(i, reason);
  }

  /** Of the upright image in pixels, if it is good. */
  width(i: number): number {
    return this.#widths.at(i);
  }

  height(i: number): number {
    return this.#heights.at(i);
  }

  /** Header of image `i`, which is good. */
  header(i: number): ImageHeader {
    const packed = this.#headers.at(i);
    const header = {
      format: FORMATS[(packed & 7) - 1]!,
      width: this.#widths.at(i),
      height: this.#heights.at(i),
      orientation: packed >>> 3 & 15,
    };
    return (packed & CMYK) === 0 ? header : { ...header, cmyk: true };
  }

  split(i: number): SplitName {
    return SPLITS[this.#splits.at(i)]!;
  }

  setSplit(i: number, split: SplitName): void {
    this.#splits.set(i, SPLITS.indexOf(split));
  }

  /** Number of its class, -1 = none. While its source is listed, of what is known of it so far. */
  label(i: number): number {
    return this.#labels.at(i);
  }

  setLabel(i: number, label: number): void {
    this.#labels.set(i, label);
  }

  #push(header: number, width: number, height: number): void {
    this.#headers.push(header);
    this.#widths.push(width);
    this.#heights.push(height);
    this.#splits.push(0);
    this.#labels.push(-1);
  }
}
