/** Progress of one long task on standard error: a bar on a terminal, now and then a line elsewhere. */
import type { Screen } from "./screen.ts";

/** What is counted. */
export interface ProgressOptions {
  /** What is being done: "Packing". */
  readonly label: string;
  /** How many there are to do; left out where nobody knows. */
  readonly total?: number;
  /** What is counted, plural: "images". */
  readonly unit?: string;
  /** How many were done before (a resumed run), so that they do not count for the rate. Default 0. */
  readonly start?: number;
}

/** Figures shown beside the bar, in this order. */
export type Fields = Readonly<Record<string, string | number>>;

const BAR_EVERY = 100; // ms between two draws
const LINE_EVERY = 5000; // ms between two lines
const WINDOW = 30_000; // ms that the rate looks back
const BAR_CELLS = { most: 24, least: 4 } as const;

/** A running report. Dispose it to print the last state, as a line that stays. */
export class Progress implements Disposable {
  readonly #screen: Screen;
  readonly #options: ProgressOptions;
  readonly #began: number;
  readonly #start: number;
  /** (time, done) at the draws of the last {@linkcode WINDOW} ms, oldest first. */
  #samples: { time: number; done: number }[];
  #done: number;
  #fields: Fields = {};
  #drawn: number;
  #ended = false;

  constructor(screen: Screen, options: ProgressOptions) {
    this.#screen = screen;
    this.#options = options;
    this.#began = this.#drawn = screen.terminal.now();
    this.#start = this.#done = options.start ?? 0;
    this.#samples = [{ time: this.#began, done: this.#done }];
    this.#draw();
  }

  /** Sets how many are done so far; shown at most ten times a second on a terminal, else every 5 s. */
  update(done: number, fields: Fields = this.#fields): void {
    this.#done = done;
    this.#fields = fields;
    const terminal = this.#screen.terminal;
    const now = terminal.now();
    if (now - this.#drawn < (terminal.interactive ? BAR_EVERY : LINE_EVERY)) return;
    this.#drawn = now;
    this.#samples.push({ time: now, done });
    while (this.#samples.length > 2 && now - this.#samples[1]!.time >= WINDOW) {
      this.#samples.shift();
    }
    this.#draw();
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#screen.status("");
    const now = this.#screen.terminal.now();
    const rate = (this.#done - this.#start) / ((now - this.#began) / 1000);
    this.#screen.line(this.#text(rate, `in ${showSeconds((now - this.#began) / 1000)}`));
  }

  #draw(): void {
    const first = this.#samples[0]!;
    const last = this.#samples.at(-1)!;
    const rate = (last.done - first.done) / ((last.time - first.time) / 1000);
    const { total } = this.#options;
    const left = total !== undefined && rate > 0
      ? `${showSeconds((total - this.#done) / rate)} left`
      : "";
    const text = this.#text(rate, left);
    const { terminal } = this.#screen;
    if (!terminal.interactive) return this.#screen.line(text);
    const room = terminal.columns() - 1 - text.length - "[] ".length;
    this.#screen.status(this.#text(rate, left, this.#bar(room)));
  }

  /** `Packing [====    ] 1,200/60,000 images (2%), 210 images/s, 4 min 40 s left, skipped 1` */
  #text(rate: number, time: string, bar = ""): string {
    const { label, total, unit = "" } = this.#options;
    const count = this.#done.toLocaleString("en-US");
    const of = total === undefined ? "" : `/${total.toLocaleString("en-US")}`;
    const share = total ? ` (${Math.floor((100 * this.#done) / total)}%)` : "";
    const parts = [`${label} ${bar}${count}${of}${unit && ` ${unit}`}${share}`];
    if (Number.isFinite(rate) && rate > 0) parts.push(`${showFigure(rate)}${unit && ` ${unit}`}/s`);
    if (time) parts.push(time);
    for (const [name, value] of Object.entries(this.#fields)) {
      parts.push(`${name} ${typeof value === "number" ? showFigure(value) : value}`);
    }
    return parts.join(", ");
  }

  /** A bar of at most `room` cells; none where that is too few, since the figures say more. */
  #bar(room: number): string {
    const { total } = this.#options;
    if (!total || room < BAR_CELLS.least) return "";
    const cells = Math.min(room, BAR_CELLS.most);
    const full = Math.floor(cells * Math.min(1, this.#done / total));
    return `[${"=".repeat(full)}${" ".repeat(cells - full)}] `;
  }
}

/** A number in about four digits: 0.7312, 12.31, 1,234. */
export function showFigure(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(2);
  const digits = size < 1 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0;
  return value.toLocaleString("en-US", {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
  });
}

/** Seconds as "3.2 s", "4 min 05 s" or "2 h 07 min". */
export function showSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
