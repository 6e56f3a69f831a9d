/** Keeping count of images that cannot be used. */
import { DataError } from "./error.ts";
import type { BadImage } from "./scan.ts";

/** How many named images a message has. */
const NAMED = 5;

/** What is tolerated. */
export interface Tolerance {
  /** Share of all images that may be bad. */
  readonly maxBad: number;
  /** True to fail on the first. */
  readonly strict: boolean;
}

/** A list of bad images that fails when it gets too long. */
export class BadImages {
  readonly #list: BadImage[] = [];

  /** @param total number of images, good and bad. */
  constructor(readonly total: number, readonly tolerance: Tolerance) {}

  get count(): number {
    return this.#list.length;
  }

  /** @throws {DataError} if these are more than are tolerated. */
  add(images: readonly BadImage[]): void {
    this.#list.push(...images);
    const { maxBad, strict } = this.tolerance;
    const [first] = this.#list;
    if (strict && first !== undefined) {
      throw new DataError(`Cannot use ${first.path}: ${first.reason}`);
    }
    if (this.count <= maxBad * this.total) return;
    const named = this.#list.slice(0, NAMED).map(({ path, reason }) => `${path} (${reason})`);
    const more = this.count > NAMED ? " and others" : "";
    throw new DataError(
      `Cannot use the source: ${this.count} or more of its ${this.total} images are bad, and --max-bad allows ${
        percent(maxBad)
      }: ${named.join(", ")}${more}`,
    );
  }

  /** Forgets all but the first `count`. */
  reset(count: number): void {
    this.#list.length = count;
  }

  /** All of them, sorted by path. */
  list(): BadImage[] {
    return [...this.#list].sort((a, b) => a.path < b.path ? -1 : 1);
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}
