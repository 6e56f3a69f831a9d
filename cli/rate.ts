/** How fast something goes, over the last while. */

/** Milliseconds between two samples that are kept, so that a long look back takes little memory. */
const SPACING = 250;

/** What was done by when. */
interface Sample {
  readonly time: number;
  readonly done: number;
}

/** Looks back over a sliding window. */
export class Rate {
  readonly #window: number;
  /** Oldest first; the last one is the present. */
  #samples: Sample[];

  /** @param window milliseconds to look back. */
  constructor(window: number, time: number, done: number) {
    this.#window = window;
    this.#samples = [{ time, done }];
  }

  /** Tells how many are done at a time. */
  add(time: number, done: number): void {
    const samples = this.#samples;
    const isNear = samples.length > 1 && samples.at(-1)!.time - samples.at(-2)!.time < SPACING;
    if (isNear) samples.pop();
    samples.push({ time, done });
    while (samples.length > 2 && time - samples[1]!.time >= this.#window) samples.shift();
  }

  /** A second; NaN before anything is known. */
  perSecond(): number {
    const first = this.#samples[0]!;
    const last = this.#samples.at(-1)!;
    return (last.done - first.done) / ((last.time - first.time) / 1000);
  }
}
