/** Images that cannot be embedded, and how many are too many. */
import { DataError } from "../data/mod.ts";
import type { EmbedOptions } from "./embed.ts";

/** Images that could not be used; how many there are in all is known at the end only. */
export class BadImages {
  readonly list: { readonly path: string; readonly reason: string }[] = [];
  readonly #maxBad: number;
  readonly #strict: boolean;

  constructor({ maxBad = 0.01, strict = false }: Pick<EmbedOptions, "maxBad" | "strict">) {
    this.#maxBad = maxBad;
    this.#strict = strict;
  }

  /** @throws {DataError} if none is tolerated. */
  add(image: { readonly path: string; readonly reason: string }): void {
    this.list.push(image);
    if (this.#strict) throw new DataError(`Cannot use ${image.path}: ${image.reason}`);
  }

  /** Sorts them by path. @throws {DataError} if they are more than are tolerated. */
  finish(good: number): void {
    this.list.sort((a, b) => a.path < b.path ? -1 : 1);
    const { length } = this.list;
    if (length <= this.#maxBad * (good + length)) return;
    const [{ path, reason }] = this.list as [{ path: string; reason: string }];
    throw new DataError(
      `Cannot use the source: ${length} of its ${
        good + length
      } images are bad, and --max-bad allows ${
        Number((this.#maxBad * 100).toPrecision(3))
      }%: ${path} (${reason})${length > 1 ? " and others" : ""}`,
    );
  }
}
