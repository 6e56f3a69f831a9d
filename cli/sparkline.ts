/** A metric so far as a row of bars. */

const BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

/** Stretches that are kept; twice as many as the widest sparkline has cells. */
const STRETCHES = 64;

/** Share of the bars that the scale is made for: a loss starts so high that all that follows would look flat. */
const BELOW_TOP = 0.9;

/** Values over time in bounded memory: means of stretches, which grow twice as long when there are too many. */
export class Trend {
  #length = 1;
  #means: number[] = [];
  #sum = 0;
  #count = 0;

  /** Adds a value; one that is not finite is left out. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#sum += value;
    if (++this.#count < this.#length) return;
    this.#means.push(this.#sum / this.#count);
    this.#sum = this.#count = 0;
    if (this.#means.length < STRETCHES) return;
    this.#means = Array.from({ length: STRETCHES / 2 }, (_, i) => {
      return (this.#means[2 * i]! + this.#means[2 * i + 1]!) / 2;
    });
    this.#length *= 2;
  }

  /** At most `cells` bars, the lowest value as the lowest bar; "" where there are fewer than two values. */
  show(cells: number): string {
    const all = this.#count > 0 ? [...this.#means, this.#sum / this.#count] : this.#means;
    if (all.length < 2 || cells < 2) return "";
    const count = Math.min(cells, all.length);
    const values = Array.from({ length: count }, (_, i) => {
      const part = all.slice(
        Math.floor(i * all.length / count),
        Math.floor((i + 1) * all.length / count),
      );
      return part.reduce((a, b) => a + b) / part.length;
    });
    const sorted = values.toSorted((a, b) => a - b);
    const least = sorted[0]!;
    const range = sorted[Math.floor(BELOW_TOP * (count - 1))]! - least || 1;
    return values.map((value) => {
      const height = Math.min(1, (value - least) / range);
      return BARS[Math.round(height * (BARS.length - 1))];
    }).join("");
  }
}
